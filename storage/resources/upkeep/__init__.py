"""The declared access against PostgreSQL: what is there, what is missing, its making."""
