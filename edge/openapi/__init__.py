"""The OpenAPI documents, one for each dated contract, made from the descriptors.

The code names no resource: a new one is in the documents as soon as its proto exists.
"""
