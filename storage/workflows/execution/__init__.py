"""What an execution is made with: how it judges, which timers follow, what it writes, refuses."""
