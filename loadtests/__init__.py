"""Load on a running server, measured from outside: benchmarks and scenarios; they know the wire only."""
