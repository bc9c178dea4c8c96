"""Messages: stored in groups, read, changed, searched, and their receipts."""
