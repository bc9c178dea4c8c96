"""Writers and relays that fail between the commit and the clients."""
