"""The engine of resources: what one is, and the SQL that is derived from it."""
