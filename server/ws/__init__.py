"""The WebSocket side: from a handshake to commands in order and their replies."""
