"""Redis, PostgreSQL or a client is away."""
