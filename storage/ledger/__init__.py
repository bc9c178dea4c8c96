"""The books of all money: accounts and their lots, journals, statements, and the nightly check."""
