"""`parley demo`: both stories of the marketplace, over HTTP with two people's sockets open."""
