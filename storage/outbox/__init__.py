"""The outbox as its consumers use it: leases on rows, rows that fail, figures."""
