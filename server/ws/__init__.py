"""WebSocket: from the handshake to commands in order and their replies."""
