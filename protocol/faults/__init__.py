"""What is wrong with a request, for who has sent it."""
