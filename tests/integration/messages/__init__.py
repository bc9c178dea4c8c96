"""Messages on a real PostgreSQL."""
