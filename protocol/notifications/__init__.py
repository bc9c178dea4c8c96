"""The rules of telling people: of what, by which channels, and when. No I/O, and no clock."""
