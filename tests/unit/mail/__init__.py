"""Mail: composed, and what replies mean."""
