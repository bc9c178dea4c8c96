"""The chaos run: traffic over several processes while everything dies in turn, and an oracle."""
