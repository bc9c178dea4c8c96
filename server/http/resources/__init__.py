"""The marketplace over REST: declared resources, and discovery."""
