"""Pushes to a service of this machine, and the devices that they go to."""
