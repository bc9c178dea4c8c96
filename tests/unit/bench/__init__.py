"""The load drivers and what they print, without a server."""
