"""The API as collections for Postman and Bruno, made from the OpenAPI documents.

The same document makes the same bytes. All content comes from a document; the code
names no resource.
"""
