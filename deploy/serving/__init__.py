"""One process that serves, and several that serve together, from start to end.

Start reading at `process.py`.
"""
