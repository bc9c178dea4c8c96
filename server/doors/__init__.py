"""What every door shares: how many sockets, from whom, and how long each may be waited for."""
