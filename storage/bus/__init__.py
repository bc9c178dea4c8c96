"""Events between processes: published, logged, subscribed to."""
