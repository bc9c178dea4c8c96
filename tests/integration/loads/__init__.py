"""The load programs at their smallest, against the app."""
