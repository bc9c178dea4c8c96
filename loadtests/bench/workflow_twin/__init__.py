"""Acceptance and approval as a team would write them with SQLAlchemy, for comparison."""
