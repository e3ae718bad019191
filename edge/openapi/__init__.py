"""The OpenAPI documents, one for each dated contract, made from the descriptors.

No resource is named here: a new one is in the documents as soon as its proto is there.
"""
