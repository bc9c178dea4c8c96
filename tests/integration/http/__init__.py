"""The HTTP door on a real server, with a table of the tests' own and real files."""
