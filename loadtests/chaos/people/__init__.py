"""Who talks during a chaos run, and on which devices."""
