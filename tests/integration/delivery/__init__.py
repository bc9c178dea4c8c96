"""Events on their way to connections."""
