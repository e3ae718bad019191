"""Values that a client carries and cannot change: cursors, form tokens, receipts.

Each is sealed with a key of `secret_keys.py`, where reading starts.
"""
