"""What people do when they disagree, and what they say of each other."""
