"""What makes load: raw sockets, loops, and what each server speaks."""
