"""Benchmarks: one light raw-socket driver, and the CPU each process group spent on it."""
