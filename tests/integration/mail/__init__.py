"""Mail against real servers."""
