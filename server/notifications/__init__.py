"""Notifications on their way out of a process: what delivers them."""
