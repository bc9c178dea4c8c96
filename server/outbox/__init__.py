"""Consumers of the outbox: one class for all of them, and two ways to take a batch."""
