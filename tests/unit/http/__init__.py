"""The HTTP side and its documents."""
