"""What operators read: metrics and log lines."""
