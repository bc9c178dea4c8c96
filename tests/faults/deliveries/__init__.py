"""Workers that die or freeze while they deliver."""
