"""What is done again and again, by one process at a time."""
