"""Load on a running server, measured from outside; what is here knows the wire only."""
