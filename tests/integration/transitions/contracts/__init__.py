"""Contracts, milestones and their money over HTTP."""
