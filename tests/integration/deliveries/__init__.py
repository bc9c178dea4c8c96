"""Deliveries on a real PostgreSQL: queued, leased, judged, handed over, recorded."""
