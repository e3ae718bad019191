"""A tenant's own schema: the definitions of fields, and what follows from them.

Definitions are records like any other. What the engine must know of them to write and
search other records is in `kinds/own_fields.py` and `records/schemas.py`.
"""
