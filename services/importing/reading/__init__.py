"""Reads contents of imports as streams: bytes, lines, rows. Nothing is held whole."""
