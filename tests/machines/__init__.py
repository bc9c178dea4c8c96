"""Hypothesis on the pure cores."""
