"""The outbox and its consumers."""
