"""The processes of a chaos run, and the network before them."""
