"""Duplicates: how well they are told from others, and at what price."""
