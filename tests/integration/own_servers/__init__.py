"""A PostgreSQL and a Redis of one's own, set up as the operations guide says."""
