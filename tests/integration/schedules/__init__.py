"""What is done again and again, with real processes."""
