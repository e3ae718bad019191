"""Duplicates over HTTP: what is found, and for whom."""
