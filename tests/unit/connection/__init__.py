"""Parts of a connection that are pure."""
