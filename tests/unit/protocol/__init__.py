"""The pure parts of the protocol."""
