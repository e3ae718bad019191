"""A tenant's schema on the pages of an account: lists, and changes by forms.

A session has no scopes of its own, so the role alone decides. Every change goes through
the methods of the API, with their rules.
"""
