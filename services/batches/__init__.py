"""Batches: many operations in one request, each by the gates of a single one.

All operations of a batch run in one transaction. Those that fail leave nothing in it;
of an atomic batch nothing is kept then. Start reading at `runner.py`.
"""
