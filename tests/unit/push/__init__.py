"""Web push without a network: encryption, signatures, what headers say."""
