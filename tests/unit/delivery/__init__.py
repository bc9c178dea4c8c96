"""What connections are told while others of the same user come, without Redis: step by step."""
