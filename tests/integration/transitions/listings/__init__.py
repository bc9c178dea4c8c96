"""Gigs, jobs, proposals and orders, until work begins."""
