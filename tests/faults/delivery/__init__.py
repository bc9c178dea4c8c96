"""Events that arrive late, twice or out of order, or not at all."""
