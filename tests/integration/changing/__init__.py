"""Durable changes through their handlers: verdicts, numbers, what the outbox is told."""
