"""What handlers decide by a request alone."""
