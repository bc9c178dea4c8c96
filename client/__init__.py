"""The Python client: connect, resume, sync, reorder. It knows the protocol only."""
