"""The one engine that reads and writes records of every kind.

Every write of a record passes here, with its timeline and its idempotency key. The room
may import `kinds`, `sealed`, `caller`, `postgres` and what lies below. It knows no
domain: a domain passes its `Behaviour` in. Start reading at `engine.py`, then
`commands.py` (values) and `statements.py` (SQL).
"""
