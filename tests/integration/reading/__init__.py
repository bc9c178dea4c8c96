"""Tests of the reading side on a real PostgreSQL."""
