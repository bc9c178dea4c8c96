"""Presence on a real Valkey."""
