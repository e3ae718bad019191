"""The history of a record: its changes field by field, the newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.history_pb2 import FieldChange, History

from services.caller import Call, Caller
from services.clock import DAY, from_timestamp, now, rfc3339, to_timestamp
from services.errors import ValidationFailed
from services.faults import Fault, no_field
from services.history.merges import Merge, merges_of
from services.history.sight import KEPT_SINCE, Sight
from services.history.told import Tell, teller, told
from services.kinds.formats import KEY
from services.kinds.own_fields import OwnFields
from services.postgres.database import Row
from services.records.engine import Records
from services.records.log.changes import CREATED, DELETED_AT, KEYED
from services.records.many.merged import can_merge
from services.records.own_values import CUSTOM_FIELDS
from services.records.reading.short_pages import fitting
from services.records.visibility import open_before, private_after
from services.roles import ADMINISTRATORS
from services.sealed.cursors import Cursors

DEFAULT_LIMIT = 25
# What the ids of personal access tokens begin with, unlike those of apps and sessions.
PERSONAL = "pat_"

# Values: business, the record, from, to, the names of the fields or null for all.
_READ = f"""
SELECT at, operation, user_id, client_id, token_id, trace_id, xid::text AS xid,
  was, now, image FROM changes AS c
WHERE c.business_id = $1 AND record_id = $2 AND at >= $3 AND at <= $4
  AND ($5::text[] IS NULL OR was ?| $5 OR operation = {CREATED}){{others}}
ORDER BY at DESC LIMIT $6
"""
# Moments long before and after all changes.
_FIRST, _LAST = -(2**57), 2**62
# Each change has these itself.
_UNSET: tuple[Any, ...] = (None, "", [], {})
_UNTOLD = ("id", "created_at", "updated_at", "created_by")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One change of one field; `tell` tells its values."""

    row: Row
    field: str
    was: Any
    now: Any
    tell: Tell


class Histories:
    """The histories of records of one kind."""

    def __init__(self, records: Records[Any], cursors: Cursors, keep_days: int) -> None:
        kind = records.kind
        self._records, self._cursors, self._sight = records, cursors, Sight(records)
        self._keep = keep_days * DAY
        self._tellers: dict[str, Tell] = {
            item.name: teller(item)
            for item in kind.fields
            if item.name not in (*_UNTOLD, kind.object_field)
        }
        self._tellers[DELETED_AT] = rfc3339
        self._places = {name: place for place, name in enumerate(self._tellers)}
        self._keyed = frozenset(f.name for f in kind.fields if f.type in KEYED)
        merging = {e.resource for e in records.kinds.values() if can_merge(e)}
        self._sql = self._sql_for_others = _READ.format(others="")
        if kind.private_by:
            others = f" AND NOT {private_after(kind, 'c')}"
            self._sql_for_others = _READ.format(others=others)
        self._linking = frozenset(
            item.name
            for item in kind.fields
            if item.references in merging or item in kind.ends
        )

    async def read(self, call: Call, request: Any) -> History:
        """One page of a record's history. Raises `NotFound` and `ValidationFailed`."""
        self._check(request.fields)
        _check_period(request)
        position = None
        if request.cursor:
            position = self._cursors.open(call.caller, request)
        seen = await self._sight.of(call, request.id, KEPT_SINCE)
        own = await self._records.own_of(call)
        limit = request.limit or DEFAULT_LIMIT
        found = await self._entries(
            call, seen.record, request, own, position, limit + 1
        )
        told = await self._told(call, found[:limit], own)
        # Changes of long texts hold each of them twice.
        limit = min(limit, fitting(each.ByteSize() for each in told))
        answer = History(data=told[:limit])
        (since,) = seen.further
        answer.kept_since.CopyFrom(to_timestamp(max(since, now() - self._keep)))
        cursor = answer.meta.cursor
        cursor.has_more = len(found) > limit
        if cursor.has_more:
            last = found[limit - 1]
            position = str(last.row["at"]), last.field
            cursor.next = self._cursors.seal(call.caller, request, position)
        return answer

    async def _entries(
        self,
        call: Call,
        record: Any,
        request: Any,
        own: OwnFields,
        position: tuple[str, str] | None,
        most: int,
    ) -> list[_Entry]:
        """So many entries after a position. A change may have none for this caller."""
        until = _moment(request, "to", _LAST)
        if position is not None:
            until = int(position[0])
        where = call.caller.business_id, record.id, _moment(request, "from", _FIRST)
        names = list(request.fields) or None
        if not self._keyed.isdisjoint(request.fields):
            names = None
        kind = self._records.kind
        is_others = kind.private_by and record.created_by != call.caller.user_id
        sql = self._sql_for_others if is_others else self._sql
        found: list[_Entry] = []
        while True:
            rows = await self._records.database.rows(sql, *where, until, names, most)
            for row in rows:
                was = row["was"] or {}
                old = open_before(kind, was) if is_others else was
                entries = [*self._entries_of(row, old, request.fields, own)]
                if position is not None and row["at"] == int(position[0]):
                    entries = [e for e in entries if self._is_after(e, position[1])]
                found += entries
                if len(found) >= most:
                    return found
            if len(rows) < most:
                return found
            until = rows[-1]["at"] - 1

    async def _told(
        self, call: Call, entries: Sequence[_Entry], own: OwnFields
    ) -> list[FieldChange]:
        """Tells entries, with the merges that some of them are of."""
        caller, rows = call.caller, (each.row for each in entries)
        where = self._records.database, caller.business_id
        has_merges = self._records.has_merges(caller)
        links = self._links(own) if has_merges else frozenset[str]()
        ends = has_merges and can_merge(self._records.kind)
        merges = await merges_of(*where, rows, has_merges=ends, links=links)
        return [_told(each, caller, merges.get(each.row["xid"])) for each in entries]

    def _links(self, own: OwnFields) -> frozenset[str]:
        """The fields that lead to records which may be merged."""
        if not own.references:
            return self._linking
        names = (f"{CUSTOM_FIELDS}.{each.key}" for each in own.references)
        return self._linking.union(names)

    def _entries_of(
        self,
        row: Row,
        old: Mapping[str, Any],
        fields: Sequence[str],
        own: OwnFields,
    ) -> Iterator[_Entry]:
        """The entries of one change from old values, in the order of the fields."""
        new = row["now"]
        if row["operation"] == CREATED:
            new = self._flat(row["image"])
        for field in sorted(new, key=self._place):
            name, _, key = field.partition(".")
            if name not in self._tellers or old.get(field) == new[field]:
                continue
            if fields and field not in fields and name not in fields:
                continue
            if name == CUSTOM_FIELDS and (key in own.hidden or key in own.masked):
                continue
            tell = _as_it_is if key else self._tellers[name]
            yield _Entry(row, field, old.get(field), new[field], tell)

    def _flat(self, image: Mapping[str, Any]) -> dict[str, Any]:
        """What a creation set, each key of a struct by itself."""
        told = {name: value for name, value in image.items() if value not in _UNSET}
        for name in self._keyed.intersection(told):
            keys = told.pop(name).items()
            told |= {f"{name}.{key}": value for key, value in keys}
        return told

    def _place(self, field: str) -> tuple[int, str]:
        name, _, key = field.partition(".")
        return self._places.get(name, -1), key

    def _is_after(self, entry: _Entry, field: str) -> bool:
        return self._place(entry.field) > self._place(field)

    def _check(self, fields: Sequence[str]) -> None:
        """Refuses names that no field of the records can have."""
        faults = [
            Fault(
                f"fields[{index}]",
                FaultCode.FAULT_CODE_INVALID_CHOICE,
                f"{no_field(field)} One is {next(iter(self._tellers))}.",
            )
            for index, field in enumerate(fields)
            if not self._is_field(field)
        ]
        if faults:
            raise ValidationFailed(faults)

    def _is_field(self, field: str) -> bool:
        name, dot, key = field.partition(".")
        if not dot:
            return name in self._tellers
        return name in self._keyed and KEY.fullmatch(key) is not None


def _check_period(request: Any) -> None:
    """Refuses a period that ends before it begins: it could never hold a change."""
    if _moment(request, "from", _FIRST) > _moment(request, "to", _LAST):
        message = "Give a moment that is not before `from`."
        raise ValidationFailed([Fault("to", FaultCode.FAULT_CODE_INVALID, message)])


def _moment(request: Any, name: str, otherwise: int) -> int:
    """A moment of a request."""
    is_given = request.HasField(name)
    return from_timestamp(getattr(request, name)) if is_given else otherwise


def _as_it_is(value: Any) -> Any:
    return value


def _told(entry: _Entry, caller: Caller, merge: Merge | None) -> FieldChange:
    row = entry.row
    values = {"from": told(entry.tell, entry.was), "to": told(entry.tell, entry.now)}
    return FieldChange(
        field=entry.field,
        at=to_timestamp(row["at"]),
        user_id=row["user_id"] or None,
        client_id=row["client_id"] or None,
        token_id=_token_of(row, caller),
        trace_id=row["trace_id"] or None,
        operation=row["operation"] if merge is None else merge.operation,
        merge_id=None if merge is None else merge.merge_id,
        **values,
    )


def _token_of(row: Row, caller: Caller) -> str | None:
    """The personal access token that made a change, if the caller may know it."""
    may = caller.role in ADMINISTRATORS or row["user_id"] == caller.user_id
    token_id: str = row["token_id"]
    return token_id if may and token_id.startswith(PERSONAL) else None
