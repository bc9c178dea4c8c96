"""Payments: the port to providers, the local provider, and the events that providers send."""
