"""People: what is known of them without a database."""
