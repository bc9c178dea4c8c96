"""What Parley stands on fails: everything is bounded in time, and comes back by itself."""
