"""Notifications pushed to devices: the devices, the port of who delivers, and web push."""
