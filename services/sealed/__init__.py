"""Sealed values: a client keeps them and cannot forge them.

These are cursors, form tokens and receipts. Each has a MAC made with a key of
`secret_keys.py`. The room may import `caller`, `postgres` and what lies below. Start
reading at `secret_keys.py`, then `cursors.py`.
"""
