"""The order of messages when some are refused, and what becomes of senders after a bug."""
