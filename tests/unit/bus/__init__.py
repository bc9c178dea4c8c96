"""What arrives from Redis."""
