"""What must hold, judged from what was told. Pure."""
