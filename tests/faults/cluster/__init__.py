"""A Redis or Valkey Cluster: slots that move, nodes that die, and nobody who misses anything."""
