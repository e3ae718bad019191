"""Reads records by their ids, for what changes them and for answers."""
