"""PostgreSQL: connections, transactions, the schema and its migrations.

The room runs SQL text and knows neither records nor callers. It may import only the
modules that every room uses, such as `errors`, `clock` and `trace`. Start reading at
`database.py`, which all other rooms call, then `connections.py`, the connection pool.
"""
