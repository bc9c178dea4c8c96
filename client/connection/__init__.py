"""One connection to the server: frames, credentials, when to come back."""
