"""Conversations: made, listed, their members, and catching up."""
