"""The indexes of a kind of record: one for each order, and those for its filters.

A column with selective values gets an index of its own. Values that many records share
are selective only together with other conditions: such columns share one inverted
index, because PostgreSQL never combines two indexes that both begin with the tenant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from prospectconnect.options.v1.options_pb2 import STANDARD_METHOD_DELETE, Format

from services.kinds.record_type import Field, FieldType, RecordType
from services.postgres.sql_parts import quoted

# An entry of a B-tree index has at most 2,704 bytes, and a character up to 4.
LONGEST = 600

# A long pending list of a GIN index makes searches slow, and some writes very slow: up
# to 9 ms and 230 ms at PostgreSQL's default of 4 MB, 1 ms and 80 ms at 512 kB.
PENDING = "WITH (gin_pending_list_limit = 512)"

WHERE = "WHERE deleted_at IS NULL"

# A column of the record in the expressions of a search.
_RECORD = re.compile(r"\br\.(\w+)")

# Formats of text whose values many records share.
_COMMON_FORMATS = (Format.FORMAT_COUNTRY, Format.FORMAT_CURRENCY)


@dataclass(slots=True)
class _Indexes:
    """The indexed expressions, by name.

    `lists` hold selective values, `parts` are texts and sets matched in part.
    """

    orders: dict[str, str] = field(default_factory=dict)
    alone: dict[str, str] = field(default_factory=dict)
    shared: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=lambda: ["search_text gin_trgm_ops"])

    def add(self, item: Field) -> None:
        """Adds the indexes that orders and filters by a field need."""
        if item.policy.sortable:
            upward, downward = bare(item.search.highest), bare(item.search.lowest)
            if upward == downward:
                self.orders[item.name] = upward
            else:
                self.orders[f"{item.name}_asc"] = upward
                self.orders[f"{item.name}_desc"] = downward
        elif item.type is FieldType.EXTERNAL:
            return  # found by the primary key of `unique_values`
        elif item.policy.filterable and item.name != "id":
            self._add_filter(item)

    def _add_filter(self, item: Field) -> None:
        if item.type is FieldType.TAGS:
            self.parts.append(f"{item.name}_lower")
        elif item.type is FieldType.IDS:
            self.lists[item.name] = quoted(item.name)
        elif item.type is FieldType.CUSTOM and item.policy.added_late:
            pass
        elif item.type is FieldType.CUSTOM:
            self.parts.append(f"{item.name}_lower jsonb_path_ops")
        elif item.is_phone:
            self.alone[f"{item.name}_digits"] = f"{item.name}_digits"
        elif item.type is FieldType.STRING and item.policy.max_len > LONGEST:
            self.parts.append(f"{bare(item.search.compared)} gin_trgm_ops")
        else:
            found = self.shared if _is_common(item) else self.alone
            found[item.name] = bare(_compared(item))


def indexes(kind: RecordType) -> Iterator[str]:
    """The statements that create the indexes of a kind's table, and its statistics."""
    found, table, first = _Indexes(), kind.table, "business_id"
    if kind.object_field:
        first = f"{first}, {kind.object_field}"
    for item in kind.fields:
        found.add(item)
    for name, order in found.orders.items():
        columns = f"{first}, {order}, id"
        yield f"CREATE INDEX {table}_order_{name} ON {table}\n  ({columns})\n  {WHERE}"
    for name, column in found.alone.items():
        columns = f"{first}, {column}"
        yield f"CREATE INDEX {table}_{name} ON {table}\n  ({columns})\n  {WHERE}"
    for name, column in found.lists.items():
        columns = f"{first}, {column}"
        yield (
            f"CREATE INDEX {table}_{name} ON {table} USING gin (\n  {columns}\n)"
            f" {PENDING}\n  {WHERE}"
        )
    if is_restored(kind):
        columns, deleted = f"{first}, deleted_at, id", "WHERE deleted_at IS NOT NULL"
        yield f"CREATE INDEX {table}_deleted ON {table}\n  ({columns})\n  {deleted}"
    inverted = ",\n  ".join([first, *found.parts, *found.shared.values()])
    yield (
        f"CREATE INDEX {table}_inverted ON {table} USING gin (\n  {inverted}\n)"
        f" {PENDING}\n  {WHERE}"
    )
    # PostgreSQL collects no statistics on expressions of a partial index. Without them
    # it would estimate that one record in 200 has any given value.
    for name, expression in (found.orders | found.alone | found.shared).items():
        if "(" in expression:
            statistics = f"CREATE STATISTICS {table}_{name}_values"
            yield f"{statistics}\n  ON ({expression})\n  FROM {table}"


def is_restored(kind: RecordType) -> bool:
    """Whether searches find deleted records of a kind, which can be restored."""
    policy = kind.policy
    return STANDARD_METHOD_DELETE not in policy.without and not policy.archives


def _is_common(item: Field) -> bool:
    """Whether many records may have the same value."""
    if item.type is FieldType.ID:
        refers = item.target is not None and bool(item.target.timeline_link)
        return not (item.policy.end or refers)
    if item.type is FieldType.STRING:
        return item.policy.common or item.policy.format in _COMMON_FORMATS
    return item.type in (FieldType.ENUM, FieldType.BOOLEAN)


def _compared(item: Field) -> str:
    """The expression that a filter compares, as in the services."""
    is_user = item.references == "user" and item.nullable
    return (
        item.search.compared if item.type is FieldType.STRING or is_user else item.sql
    )


def bare(expression: str) -> str:
    """An expression on the record `r`, without the alias, for an index on its table."""
    return _RECORD.sub(lambda found: quoted(found[1]), expression)
