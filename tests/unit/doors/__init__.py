"""The arithmetic of the doors."""
