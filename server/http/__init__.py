"""The HTTP door: the same commands as the socket's, resources, files and what operators ask."""
