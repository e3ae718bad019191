"""Records the examples of the OpenAPI documents from the product itself."""
