"""What can be set, a part for each concern; `server/config.py` is all of it."""
