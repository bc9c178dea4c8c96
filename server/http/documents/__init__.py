"""OpenAPI, AsyncAPI and the reference page, made from the code."""
