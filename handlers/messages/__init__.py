"""Messages: sent, changed, read back, searched, received; typing."""
