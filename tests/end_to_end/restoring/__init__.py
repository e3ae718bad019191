"""Deleted records: found by searches, and restored with what was deleted with them."""
