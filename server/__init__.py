"""Where Parley meets the world: sockets, HTTP, wiring, configuration, processes."""
