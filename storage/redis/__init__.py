"""Redis: the client, its node map, guarded and pipelined calls, keys, scripts."""
