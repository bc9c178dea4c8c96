"""What search keeps of texts, and the fold that it compares them by."""
