"""Locust scenarios: people over real WebSockets and HTTP, against a server that runs."""
