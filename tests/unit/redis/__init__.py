"""What guards calls to Redis, without one."""
