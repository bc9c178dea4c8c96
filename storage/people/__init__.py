"""People: accounts, logins, presence, blocks, reports, saved texts."""
