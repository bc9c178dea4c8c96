"""Processes: `parley serve`, and several workers under a supervisor."""
