"""Consumers of the outbox: one class for all of them, with two ways of taking a batch."""
