"""The table of a kind of record; the options of its fields determine the columns."""

from collections.abc import Iterator

from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_DELETE

from services.kinds.record_type import Field, FieldType, Kinds, RecordType
from services.postgres.sql_parts import quoted

FIRST = 'business_id text COLLATE "C" NOT NULL REFERENCES tenants'
LAST = (
    "version integer NOT NULL DEFAULT 1",
    "deleted_at timestamptz",
    "external jsonb",
)
KEY = "PRIMARY KEY (business_id, id)"


def table(kind: RecordType, kinds: Kinds) -> str:
    """The statement that creates the table."""
    lines = [
        FIRST,
        *map(_column, kind.fields),
        *LAST,
        *_generated(kind, kinds),
        KEY,
        *_foreign_keys(kind, kinds),
    ]
    return f"CREATE TABLE {kind.table} (\n  " + ",\n  ".join(lines) + "\n)"


def _column(item: Field) -> str:
    collation = ' COLLATE "C"' if item.type is FieldType.ID else ""
    name, rules = quoted(item.name), f"{_null(item)}{_default(item)}"
    return f"{name} {item.column_type}{collation}{rules}"


def _default(item: Field) -> str:
    return " DEFAULT '{}'::jsonb" if item.policy.added_late else ""


def _generated(kind: RecordType, kinds: Kinds) -> Iterator[str]:
    """The generated columns for filters and searches."""
    for item in kind.fields:
        if item.is_phone:
            yield _stored(f"{item.name}_digits text", f"digits({item.name})")
        elif item.type is FieldType.TAGS and item.policy.filterable:
            column = f"{item.name}_lower text[] NOT NULL"
            yield _stored(column, f"lower_all({item.name})")
        elif item.type is FieldType.CUSTOM and not item.policy.added_late:
            column = f"{item.name}_lower jsonb NOT NULL"
            yield _stored(column, f"lower_json({item.name})")
    texts = [
        part for item in kind.fields if item.policy.searchable for part in _texts(item)
    ]
    lines = " ||\n      E'\\n' || ".join(texts)
    searchable = f"\n      {lines}\n    " if len(texts) > 1 else lines
    yield _stored("search_text text NOT NULL", f"fold({searchable})")
    for name in sorted(_searched_by_others(kind, kinds)):
        item = kind.by_name[name]
        yield _stored(f"{name}_folded text{_null(item)}", f"fold({name})")


def _stored(column: str, expression: str) -> str:
    return f"{column}\n    GENERATED ALWAYS AS ({expression}) STORED"


def _null(item: Field) -> str:
    return "" if item.nullable else " NOT NULL"


def _texts(item: Field) -> Iterator[str]:
    """The texts that a field adds to the searchable text."""
    yield f"coalesce({item.name}, '')" if item.nullable else item.name
    if item.is_phone:
        yield f"coalesce(digits({item.name}), '')"


def _searched_by_others(kind: RecordType, kinds: Kinds) -> set[str]:
    """The fields that searches for other kinds search, too."""
    return {
        item.policy.search_through
        for other in kinds.values()
        for item in other.fields
        if item.policy.search_through and item.references == kind.resource
    }


def _foreign_keys(kind: RecordType, kinds: Kinds) -> Iterator[str]:
    """Foreign keys to records that cannot be deleted. Other references are cleared."""
    for item in kind.fields:
        if (
            item.target is not None
            and not item.read_only
            and STANDARD_METHOD_DELETE in item.target.without
        ):
            target = kinds[item.references].table
            yield (
                f"FOREIGN KEY (business_id, {item.name})"
                f" REFERENCES {target} (business_id, id)"
            )
