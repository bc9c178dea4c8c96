"""The arithmetic of money, by numbers."""
