"""Connections that take nothing."""
