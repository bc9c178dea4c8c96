"""The pure rules of telling people."""
