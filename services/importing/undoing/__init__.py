"""Undoes what imports did: each row becomes a request that takes back what it did.

The log of changes tells what an import changed: all of its changes have its trace. A
record that somebody has changed since stays as it is. Start reading at `writing.py`.
"""
