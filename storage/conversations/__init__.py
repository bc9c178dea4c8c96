"""Conversations and their members, and what changed in them."""
