"""Files: their rows and their bytes."""
