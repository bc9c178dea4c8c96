"""What is kept: PostgreSQL, Redis and files; SQL and Lua in files of their own; migrations."""
