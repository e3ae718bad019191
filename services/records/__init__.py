"""The one engine that reads and writes records of every kind.

It imports `kinds`, `sealed`, `postgres` and the caller, and knows no domain. Start
reading at `engine.py`, then `commands.py` and `statements.py`.
"""
