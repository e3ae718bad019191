"""Brings deleted records back, with what their deletion cleared or deleted elsewhere.

The log tells what a deletion did: its changes have the transaction in common. Nothing
is brought back over something newer. Start reading at `restoring.py`.
"""
