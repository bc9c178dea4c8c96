"""Deliveries judged in random scenarios, against an oracle that knows how each of them went."""
