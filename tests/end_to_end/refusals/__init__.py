"""What must be refused over HTTP, one line a case, in tables by what is asked.

A case is a good request with something changed, and the RFC's error for it.
"""
