"""Unread and receipts against an oracle."""
