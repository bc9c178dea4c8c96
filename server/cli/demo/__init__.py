"""`parley demo`: both stories of the marketplace, played over HTTP with two people's sockets open."""
