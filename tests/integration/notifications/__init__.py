"""Notifications, from what happens to what people are told of it."""
