"""What workflows do in the background of a process, and what providers tell them."""
