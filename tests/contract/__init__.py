"""The wire as clients see it."""
