"""Disputes, refunds, reviews, tips and tickets over HTTP, with the money after each."""
