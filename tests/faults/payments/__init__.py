"""Payments, and processes that die."""
