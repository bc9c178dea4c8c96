"""From Redis to connections: events in order, each once, nothing lost."""
