"""Connections that come back go on from the log, or are told that they cannot."""
