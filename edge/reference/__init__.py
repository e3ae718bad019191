"""The reference of the API: pages made from the OpenAPI documents, with a console.

All content comes from a document; the code names no resource.
"""
