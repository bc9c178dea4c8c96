"""PostgreSQL: connections, named queries, bounded calls, partitions."""
