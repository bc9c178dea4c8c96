"""The schema, its partitions, its queries, and the pool."""
