"""Values that at most one live record of a kind may have: external ids, unique fields.

Each is a row of `unique_values`, which the statement that writes the record writes too;
a record without such values has none, and its statement no such part. The primary key
refuses a value that another record has. This module says which values a record has, and
who has those that were refused. The `key` of a row is the path of the value in the
record, e.g. `external_ids.salesforce`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller
from services.faults import Fault
from services.kinds.matching import unique_key
from services.kinds.record_type import Field, FieldType, Kinds, RecordType
from services.postgres.database import Database, Transaction
from services.records.idempotency import violates
from services.records.visibility import USER, visible

PRIMARY_KEY = "unique_values_pkey"

# Keys and values, in the order of both. Two calls that take the same values then wait
# for one another, and not each for the other.
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Changes:
    """The values that a command takes for its record, and those that it frees."""

    taken: tuple[tuple[str, str], ...] = ()
    freed: tuple[tuple[str, str], ...] = ()


NONE = Changes()


@dataclass(frozen=True, slots=True)
class Holder:
    """The record that has a value. `record_id` is empty if the caller sees none."""

    key: str
    record_id: str


class UniqueValues:
    """The unique values of one kind of record."""

    def __init__(self, kind: RecordType, kinds: Kinds) -> None:
        self._kind = kind
        self._kinds = kinds
        self._fields = tuple(
            f.name for f in kind.fields if f.type is FieldType.EXTERNAL
        )
        self._plain = tuple(f for f in kind.fields if f.policy.unique_value)

    def changes(self, before: Any, after: Any) -> Changes:
        """Returns what a change takes and frees; None stands for no record."""
        for name in self._fields:
            if (before is not None and before.HasField(name)) or (
                after is not None and after.HasField(name)
            ):
                return _difference(self.of(before), self.of(after))
        if self._plain:
            return _difference(self.of(before), self.of(after))
        return NONE

    def of(self, record: Any) -> Mapping[str, str]:
        """Returns the values of a record, by their keys."""
        if record is None:
            return {}
        held = [(name, getattr(record, name).fields) for name in self._fields]
        plain = {e.name: unique_text(e, record) for e in self._plain}
        return {name: value for name, value in plain.items() if value} | {
            f"{name}.{system}": ids[system].string_value
            for name, ids in held
            for system in ids
        }

    async def holders(
        self,
        database: Database | Transaction,
        caller: Caller,
        record_id: str,
        sought: Pairs,
        its: str,
    ) -> list[Holder]:
        """Returns the records that have values, but for the one with `record_id`.

        `its` is the name of the records' type.
        """
        kind = self._kind
        values: list[Any] = [caller.business_id, *_columns(sought), record_id, its]
        seen = visible(kind, caller, self._kinds)
        if USER in seen:
            values.append(caller.user_id)
        seen = seen.format(tenant="$1", user="$6")
        rows = await database.rows(
            "SELECT u.key, r.id FROM unnest($2::text[], $3::text[]) AS g (key, value)"
            f" JOIN unique_values AS u ON u.business_id = $1"
            " AND u.object = $5 AND u.key = g.key AND u.value = g.value"
            f" LEFT JOIN {kind.table} AS r ON r.business_id = $1 AND r.id = u.record_id"
            f" AND r.deleted_at IS NULL{seen and f' AND {seen}'}"
            " WHERE u.record_id <> $4 ORDER BY u.key",
            *values,
        )
        return [Holder(key, record_id or "") for key, record_id in rows]

    async def held(
        self, database: Database, caller: Caller, sought: Pairs, its: str
    ) -> dict[tuple[str, str], str]:
        """The ids of the records that have values, by key and value.

        The id of a record that the caller does not see is "".
        """
        kind = self._kind
        values: list[Any] = [caller.business_id, *_columns(sought), its]
        seen = visible(kind, caller, self._kinds)
        if USER in seen:
            values.append(caller.user_id)
        seen = seen.format(tenant="$1", user="$5")
        rows = await database.rows(
            "SELECT u.key, u.value, r.id"
            " FROM unnest($2::text[], $3::text[]) AS g (key, value)"
            f" JOIN unique_values AS u ON u.business_id = $1"
            " AND u.object = $4 AND u.key = g.key AND u.value = g.value"
            f" LEFT JOIN {kind.table} AS r ON r.business_id = $1 AND r.id = u.record_id"
            f" AND r.deleted_at IS NULL{seen and f' AND {seen}'}",
            *values,
        )
        return {(key, value): record_id or "" for key, value, record_id in rows}

    def _called(self, holder: Holder) -> str:
        """What a value is called: each value of a struct is an id."""
        return "id" if "." in holder.key else holder.key.replace("_", " ")

    def faults(self, holders: Sequence[Holder]) -> list[Fault]:
        """Returns the faults of values that other records have."""
        resource = self._kind.resource
        return [
            Fault(
                f"{resource}.{each.key}",
                FaultCode.FAULT_CODE_NOT_UNIQUE,
                f"Another {resource.replace('_', ' ')} has this {self._called(each)}.",
                each.record_id,
                resource if each.record_id else "",
            )
            for each in holders
        ]


def unique_text(field: Field, record: Any) -> str:
    """What at most one record may have of a field with a unique value, "" if unset.

    The values that must be the same too come first.
    """
    value = getattr(record, field.name)
    beside = [getattr(record, name) for name in field.policy.unique_with]
    return unique_key(field, beside, value) if value else ""


def parameters(changes: Changes) -> list[list[str]]:
    """Returns the values of a command's parts, in the order of their parameters."""
    found: list[list[str]] = []
    for each in (changes.freed, changes.taken):
        if each:
            found += _columns(each)
    return found


def is_taken(error: Exception) -> bool:
    """Whether a statement failed because another record has one of its values."""
    return violates(error, PRIMARY_KEY)


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    if before == after:
        return NONE
    return Changes(
        taken=tuple(sorted(after.items() - before.items())),
        freed=tuple(sorted(before.items() - after.items())),
    )


def _columns(pairs: Pairs) -> list[list[str]]:
    return [[key for key, _ in pairs], [value for _, value in pairs]]
