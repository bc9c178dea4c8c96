"""The demonstration, where no server is needed."""
