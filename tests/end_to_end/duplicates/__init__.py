"""Duplicates over HTTP: what is found, and who finds it."""
