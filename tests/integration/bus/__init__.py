"""Publishing and subscribing on a real Valkey."""
