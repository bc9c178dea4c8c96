"""What others make of the API document, made anew and used against a server."""
