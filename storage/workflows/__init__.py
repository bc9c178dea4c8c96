"""What transitions do to rows and money: decided in Python, written by one statement."""
