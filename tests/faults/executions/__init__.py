"""Executions of a server that is killed again and again: each has its effect once."""
