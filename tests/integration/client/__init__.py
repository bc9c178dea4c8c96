"""The client library and the terminal chat against a whole server."""
