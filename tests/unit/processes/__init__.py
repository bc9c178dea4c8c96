"""Workers and their supervisor."""
