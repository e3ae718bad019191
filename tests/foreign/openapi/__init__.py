"""The OpenAPI documents and JSON Schemas, judged by tools that others wrote."""
