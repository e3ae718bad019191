"""Writes the first migration of a new record type from its proto.

What is written is read, corrected where somebody knows better, and committed: nothing
writes it again. Start reading at `__main__.py`.
"""
