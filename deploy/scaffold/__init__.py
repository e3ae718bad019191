"""Writes the first migration of a new record type from its proto.

A developer reviews the file, corrects it where needed, and commits it. It is never
generated again. Start reading at `__main__.py`.
"""
