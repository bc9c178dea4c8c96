"""Carrying out transitions: Python decides, one SQL function writes, the database guards."""
