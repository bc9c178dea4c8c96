"""Money that comes in, goes back and goes out."""
