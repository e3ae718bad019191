"""All SQL that changes several records of one type at once.

It is `statements.update_sql` for many, without the parts that few changes need.
"""

from functools import lru_cache
from itertools import count

from services.postgres.sql_parts import quoted
from services.records.log.statements import logged_changes
from services.records.several.many_statements import element, is_list
from services.records.statements import Shape, schema_sql


@lru_cache(maxsize=512)
def update_many_sql(shape: Shape) -> str:
    """Returns the ids of the records that had the versions.

    Values: business, ids, versions, columns, [generation], log. All are arrays but
    business, generation, and who made the changes.
    """
    numbers = count(2)
    given = [f"${next(numbers)}::text[]", f"${next(numbers)}::integer[]"]
    written, names = [], ["id", "version"]
    for index, (name, kind) in enumerate(shape.columns):
        given.append(f"${next(numbers)}::{element(kind)}[]")
        names.append(value := f"value_{index}")
        cast = f"::{kind}" if is_list(kind) else ""
        written.append(f"{quoted(name)} = v.{value}{cast}")
    where, parts = "", []
    if shape.own:
        parts.append(("schema", schema_sql(next(numbers), shape.own)))
        where = " AND EXISTS (SELECT FROM schema)"
    returned = ", ".join(f"r.{each}" for each in shape.returned.split(", "))
    record = (
        f"UPDATE {shape.table} AS r SET version = r.version + 1, {', '.join(written)}"
        f" FROM unnest({', '.join(given)}) AS v ({', '.join(names)})"
        " WHERE r.business_id = $1 AND r.id = v.id AND r.version = v.version"
        f" AND r.deleted_at IS NULL{where} RETURNING {returned}"
    )
    parts.append(("record", record))
    if shape.operation:
        logged = logged_changes(shape.object, shape.operation, numbers)
        parts.append(("logged", logged))
    listed = ", ".join(f"{name} AS ({sql})" for name, sql in parts)
    return f"WITH {listed} SELECT id FROM record"
