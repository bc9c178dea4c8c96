"""Connections from their handshake to their end."""
