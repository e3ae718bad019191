"""Probable duplicates: records that are the same person or company, entered twice.

Indexes lead to the few records that share a key with a record or stand near it in the
order of names (`looking.py`); these are compared in Python (`persons.py`,
`organizations.py`). A caller is told of records that it sees, and nothing of others.
"""
