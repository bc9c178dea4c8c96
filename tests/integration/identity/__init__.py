"""Accounts and logins on real servers."""
