"""Processes: `parley serve`, and several workers below a supervisor."""
