"""Which URLs and addresses may be called."""
