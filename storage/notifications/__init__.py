"""Notifications, and which of them follow from what happened."""
