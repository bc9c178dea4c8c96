"""Partitions and verdicts."""
