"""People talk through the client library, in both formats, with a whole running app."""
