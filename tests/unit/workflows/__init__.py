"""Workflows, as far as they need no database."""
