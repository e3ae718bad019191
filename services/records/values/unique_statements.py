"""The parts of a record's statement that write its unique values."""

from collections.abc import Iterator


def freed_sql(its: str, numbers: Iterator[int]) -> str:
    """Deletes unique values of the record. Values: their keys, the values."""
    given = f"unnest(${next(numbers)}::text[], ${next(numbers)}::text[])"
    return (
        f"DELETE FROM unique_values AS u USING record, {given} AS g (key, value)"
        f" WHERE u.business_id = $1 AND u.object = {its} AND u.key = g.key"
        " AND u.value = g.value AND u.record_id = record.id"
    )


def taken_sql(its: str, numbers: Iterator[int]) -> str:
    """Inserts unique values of the record. Values: their keys, the values.

    A value that another record has violates the primary key.
    """
    given = f"unnest(${next(numbers)}::text[], ${next(numbers)}::text[])"
    return (
        "INSERT INTO unique_values (business_id, object, key, value, record_id)"
        f" SELECT $1, {its}, g.key, g.value, record.id"
        f" FROM record, {given} AS g (key, value)"
    )


def taken_by_many_sql(its: str, numbers: Iterator[int], source: str) -> str:
    """Inserts those of many new records. Values: their keys, the values, the records.

    `source` has one row if the records were inserted, and none if they were not.
    """
    arrays = ", ".join(f"${next(numbers)}::text[]" for _ in range(3))
    return (
        "INSERT INTO unique_values (business_id, object, key, value, record_id)"
        f" SELECT $1, {its}, g.key, g.value, g.record_id"
        f" FROM {source}unnest({arrays}) AS g (key, value, record_id)"
    )
