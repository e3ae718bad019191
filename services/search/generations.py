"""That a statement is judged by the schema that the tenant has when it runs.

Another process may change a field's type at any time, and the values of records after
it. A search that was compiled by the schema before would miss them without an error.
"""

import asyncpg

from services.postgres.sql_parts import Parameters

# What a statement with `as_of` fails by once the schema is of another generation.
MOVED = asyncpg.DivisionByZeroError


def as_of(generation: int, p: Parameters) -> str:
    """A condition that holds, and fails the statement if the schema has changed.

    It names no record, so PostgreSQL looks once, before the first one.
    """
    held = f"n.schema_generation = {p.place(generation, 'bigint')}"
    return (
        f"(SELECT 1 / ({held})::integer = 1 FROM tenants AS n"
        f" WHERE n.business_id = {p.tenant})"
    )
