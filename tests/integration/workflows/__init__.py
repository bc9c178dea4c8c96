"""What workflows do to the heart: messages of the server's own, and domain events."""
