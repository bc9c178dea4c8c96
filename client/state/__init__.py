"""What a client holds, and how it loses nothing. Pure."""
