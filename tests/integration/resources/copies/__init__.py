"""Copies of rows in Redis."""
