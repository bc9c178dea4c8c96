"""Workers that die, hang and are exchanged."""
