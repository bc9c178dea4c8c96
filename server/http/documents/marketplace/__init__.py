"""The marketplace in the OpenAPI document: resources, discovery, transitions, statements."""
