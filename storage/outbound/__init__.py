"""Requests to addresses that clients name: push services, later webhooks."""
