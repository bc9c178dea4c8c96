"""The marketplace over REST, and straight in SQL as the roles see it."""
