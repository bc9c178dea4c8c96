"""What is refused of writes, and by what."""
