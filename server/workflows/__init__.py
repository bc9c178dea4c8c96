"""What workflows do in a process: the executor, and the tasks that ask it."""
