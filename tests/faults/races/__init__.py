"""Fifty at once, over two nodes: each effect comes about once."""
