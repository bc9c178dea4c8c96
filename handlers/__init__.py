"""What is done: one module an area, each command a method that takes a caller and a request."""
