"""Transitions over HTTP, on the real server."""
