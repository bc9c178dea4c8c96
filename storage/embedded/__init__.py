"""A PostgreSQL and a Valkey of our own, in one data directory."""
