"""The server under load: started, filled, and measured from outside."""
