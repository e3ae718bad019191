"""PostgreSQL: connections, transactions, the schema and its migrations.

It knows no record and no caller. It imports errors, the clock and the trace alone.
Start reading at `database.py`.
"""
