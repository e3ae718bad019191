"""The feed of changes: what happened to records, in an order that never changes.

It is read from the log of changes, which the statements that write records write too.
A page ends before the oldest transaction that still runs, so that nothing which commits
late is ever missed. `order.py` says in which order changes are told.
"""
