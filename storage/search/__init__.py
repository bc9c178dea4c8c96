"""What search keeps of texts, made anew when the fold has changed."""
