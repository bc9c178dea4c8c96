"""Limits over all processes: rates of commands, sockets of an address."""
