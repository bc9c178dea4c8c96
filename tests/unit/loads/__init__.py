"""The pure parts of the load programs."""
