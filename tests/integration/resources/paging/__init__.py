"""Pages of lists and of searches."""
