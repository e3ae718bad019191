"""The reference of the API: pages made from the OpenAPI documents, and a way to try.

What they say comes from a document alone, so that they name no resource here.
"""
