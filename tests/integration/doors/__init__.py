"""What strangers may hold open at both doors, and for how long."""
