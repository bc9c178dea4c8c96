"""What a process does about notifications by itself: their deliveries."""
