"""Processes that die in the middle of workflows."""
