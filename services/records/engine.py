"""The one engine that reads, creates, changes and deletes records of any kind.

What it knows of a kind comes from the record's descriptor; what a kind adds is a
`derive` function. A change reads the record, works on the message and writes it
back if the version is still the one that was read; nothing stays locked between.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from google.protobuf.message import Message

from services.caller import Call, Caller
from services.clock import from_timestamp, now, to_timestamp
from services.errors import (
    EtagMismatch,
    NotFound,
    SystemRecord,
    Unavailable,
    ValidationFailed,
)
from services.faults import Faults, TooManyFaults
from services.ids import is_id, new_id
from services.kinds.defaults import Defaults
from services.kinds.field_rules import struct_rule
from services.kinds.record_type import ANSWERED_FIELDS, Kind, RecordType
from services.kinds.rules import check_any
from services.postgres.database import Database
from services.records import commands, timeline
from services.records.links import clearing_sql
from services.records.references import Link, linking, links, refuse_missing
from services.records.rows import RowCodec
from services.records.statements import Shape, update_sql
from services.records.visibility import USER, Kinds, visible

Derive = Callable[[Any], None]
Change = Callable[[Any], None]
Reply = Callable[[Any], Message]

Surround = Callable[[Caller, Any, Any], commands.Around | None]

MOST_ATTEMPTS = 60


def _itself(record: Any) -> Message:
    return record  # type: ignore[no-any-return]  # of any kind


def _nothing(_: Any) -> None:
    pass


def _nothing_around(_: Caller, before: Any, after: Any) -> None:
    pass


class Records:
    """The records of one kind.

    `kinds` holds every kind of record by its resource. `derive` sets the fields that
    follow from others, after each change. `around` tells what else a change from one
    state of a record to another writes, None being that it is not there.
    """

    def __init__(
        self,
        database: Database,
        kind: RecordType,
        kinds: Kinds,
        derive: Derive = _nothing,
        around: Surround = _nothing_around,
    ) -> None:
        self.database = database
        self.kind = kind
        self.codec = RowCodec(kind)
        self.kinds = kinds
        self._derive = derive
        self._around = around
        writable = [item for item in kind.fields if not item.read_only]
        self._read_only = [item.name for item in kind.fields if item.read_only]
        if ANSWERED_FIELDS in kind.message.DESCRIPTOR.fields_by_name:
            self._read_only.append(ANSWERED_FIELDS)
        self._linking = linking(writable, kinds)
        self._defaults = Defaults(kind)
        self._structs = [
            (item.name, rule)
            for item in writable
            if item.kind in (Kind.CUSTOM, Kind.METADATA)
            and (rule := struct_rule(item.policy)) is not None
        ]
        self._clearing = clearing_sql(kinds.values(), kind.resource)
        self._get_sql = (
            f"SELECT {self.codec.columns} FROM {kind.table} AS r"
            " WHERE r.business_id = $1 AND r.id = $2 AND r.deleted_at IS NULL"
        )

    async def get(self, caller: Caller, record_id: str) -> Any:
        """The record, if there is one that the caller sees; else `NotFound`."""
        if not is_id(self.kind.policy.id_prefix, record_id):
            raise NotFound
        sql, values = self._get_sql, [caller.business_id, record_id]
        seen = visible(self.kind, caller, self.kinds)
        if seen:
            sql = f"{sql} AND {seen.format(tenant='$1', user='$3')}"
        if USER in seen:
            values.append(caller.user_id)
        row = await self.database.row(sql, *values)
        if row is None:
            raise NotFound
        return self.codec.read(row, caller.business_id)

    async def create(self, call: Call, given: Any, settle: Change = _nothing) -> Any:
        """Creates a record from its writable fields; `settle` sets others of it."""
        record = self.draft(call.caller, given)
        settle(record)
        command, found = self.insertion(call, record, record)
        if any(link.target is None for link in found) or not await commands.run(
            self.database, command, self._around(call.caller, None, record)
        ):
            await self.refuse(call.caller, found)
        return record

    def draft(self, caller: Caller, given: Any) -> Any:
        """A new record: what was given, the defaults and what the server sets."""
        record: Any = self.kind.message()
        record.CopyFrom(given)
        for name in self._read_only:
            record.ClearField(name)
        record.id = new_id(self.kind.policy.id_prefix)
        record.created_at.CopyFrom(to_timestamp(now()))
        record.updated_at.CopyFrom(record.created_at)
        record.created_by = caller.user_id
        record.etag = "1"
        self._defaults.begin(record, caller.user_id)
        self._complete(record)
        return record

    def insertion(
        self, call: Call, record: Any, answer: Message
    ) -> tuple[commands.Command, list[Link]]:
        """The command that inserts a drafted record, and the links that it checks."""
        found = links(call.caller, record, self._linking, self.kinds)
        events = self._told(timeline.created(self.kind), record)
        beside = commands.Companions(found, events, answer)
        values = self.codec.values(record)
        return commands.insert(call, self.kind, record, values, beside), found

    async def update(
        self,
        call: Call,
        record_id: str,
        change: Change,
        etag: str = "",
        reply: Reply = _itself,
    ) -> Any:
        """Changes a record by `change`, which works on the message in place.

        A record that another call changed in between is read again and `change`
        applied anew. With `etag` (several separated by commas) the record must
        have one of these, else `EtagMismatch`. A change of nothing writes nothing.
        """
        for attempt in range(MOST_ATTEMPTS):
            before = await self.get(call.caller, record_id)
            self._check_writable(before)
            check_etag(before, etag)
            after = type(before)()
            after.CopyFrom(before)
            change(after)
            self._complete(after)
            if after == before:
                await commands.keep_answer(self.database, call, reply(before))
                return reply(before)
            self.check_whole(after, before)
            if await self._write(call, before, after, reply):
                return reply(after)
            pause = random.uniform(0, 0.001) * attempt  # noqa: S311 - not a secret
            await asyncio.sleep(pause)
        raise Unavailable

    async def delete(self, call: Call, record_id: str, etag: str = "") -> None:
        """Deletes a record and clears the links to it.

        It stays in the database, seen by nobody. Raises as `update` does.
        """
        sql = update_sql(Shape(self.kind.table, (("deleted_at", "timestamptz"),)))
        business_id = call.caller.business_id
        for _ in range(MOST_ATTEMPTS):
            record = await self.get(call.caller, record_id)
            self._check_writable(record)
            check_etag(record, etag)
            moment = now()
            values = [business_id, record_id, int(record.etag), moment]
            around = self._around_deletion(call.caller, record, moment)
            command = commands.Command(sql, values)
            if await commands.run(self.database, command, around):
                return
        raise Unavailable

    def _around_deletion(
        self, caller: Caller, record: Any, moment: int
    ) -> commands.Around | None:
        around = self._around(caller, record, None)
        if not self._clearing:
            return around
        here = [caller.business_id, record.id, moment]
        clearing = [commands.Command(sql, here) for sql in self._clearing]
        if around is None:
            return commands.Around(after=clearing)
        return commands.Around(around.before, [*clearing, *around.after])

    async def _write(self, call: Call, before: Any, after: Any, reply: Reply) -> bool:
        """Writes what differs; whether the record was still as it was read."""
        moment = max(now(), from_timestamp(before.updated_at) + 1)
        after.updated_at.CopyFrom(to_timestamp(moment))
        after.etag = str(int(before.etag) + 1)
        changed = self._changed(before, after)
        linking = [f for f in self._linking if (f.name, f.column_type) in changed]
        found = links(call.caller, after, linking, self.kinds)
        if any(link.target is None for link in found):
            await self.refuse(call.caller, found)
        events = self._told(timeline.changed(self.kind, before, after), after)
        beside = commands.Companions(found, events, reply(after))
        version = int(before.etag)
        command = commands.update(call, self.kind, after, version, changed, beside)
        around = self._around(call.caller, before, after)
        if await commands.run(self.database, command, around):
            return True
        await self.refuse(call.caller, found)
        return False

    def _changed(self, before: Any, after: Any) -> dict[tuple[str, str], Any]:
        """The columns in which two states of a record differ, with the new values."""
        values = self.codec.values
        both = zip(self.kind.columns, values(before), values(after), strict=True)
        return {column: new for column, old, new in both if old != new}

    async def refuse(self, caller: Caller, found: list[Link]) -> None:
        """Refuses a command whose references lead nowhere, naming them all."""
        await refuse_missing(self.database, caller, found, self.kind.resource)

    def _told(self, events: list[timeline.Event], record: Any) -> list[timeline.Event]:
        """The events, if there is a record on whose timeline they belong."""
        return events if timeline.links_of(self.kind, record) else []

    def _check_writable(self, record: Any) -> None:
        """Refuses to change what the server alone writes."""
        alone = self.kind.by_links_alone
        if alone is not None and record.source == alone:
            raise SystemRecord

    def _complete(self, record: Any) -> None:
        """Puts defaults in, takes empty texts out and derives what follows."""
        self._defaults.complete(record)
        self._derive(record)

    def check_whole(self, record: Any, before: Any = None) -> None:
        """Refuses a record that a change has left as no record may be."""
        faults = Faults()
        path, policy = self.kind.resource, self.kind.policy
        check_any(record, path, tuple(policy.require_any), faults)
        with suppress(TooManyFaults):
            for name, rule in self._structs:  # which updates merge key by key
                value = getattr(record, name)
                if before is None or value != getattr(before, name):
                    rule(record, value, f"{path}.{name}", faults)
        if faults.found:
            raise ValidationFailed(faults.found)


def check_etag(record: Any, etag: str) -> None:
    """Refuses a record whose etag is not among those given, if any are."""
    if etag and record.etag not in etag.split(","):
        raise EtagMismatch
