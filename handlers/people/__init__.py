"""People: accounts and logins, presence, blocks, reports, saved texts."""
