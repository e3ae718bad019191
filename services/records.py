"""The one engine that reads, creates, changes and deletes records of any kind.

What it knows of a kind comes from the record's descriptor; what a kind adds is a
`derive` function. A change reads the record, works on the message and writes it
back if the version is still the one that was read; nothing stays locked between.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services import commands, timeline
from services.caller import Call, Caller
from services.clock import from_timestamp, now, to_timestamp
from services.custom_fields import MOST_KEYS
from services.database import Database
from services.errors import EtagMismatch, NotFound, Unavailable, ValidationFailed
from services.faults import Faults
from services.ids import is_id, new_id
from services.record_type import Field, Kind, RecordType
from services.references import Link, links, refuse_missing
from services.rows import RowReader, column_value
from services.rules import check_any
from services.statements import Shape, update_sql
from services.visibility import own_condition

Derive = Callable[[Any], None]
Change = Callable[[Any], None]
Reply = Callable[[Any], Message]

MOST_ATTEMPTS = 60


def _itself(record: Any) -> Message:
    return record  # type: ignore[no-any-return]


class Records:
    """The records of one kind.

    `known` holds every kind that a field may refer to, by resource. `derive` sets
    the fields that follow from others, after each change.
    """

    def __init__(
        self,
        database: Database,
        kind: RecordType,
        known: Mapping[str, RecordType],
        derive: Derive = lambda _: None,
    ) -> None:
        self.database = database
        self.kind = kind
        self.reader = RowReader(kind)
        self._known = known
        self._derive = derive
        self._writable = tuple(item for item in kind.fields if not item.read_only)
        self._get_sql = (
            f"SELECT {self.reader.columns} FROM {kind.table} AS r"
            " WHERE r.business_id = $1 AND r.id = $2 AND r.deleted_at IS NULL"
        )

    async def get(self, caller: Caller, record_id: str) -> Any:
        """The record, if there is one that the caller sees; else `NotFound`."""
        if not is_id(self.kind.policy.id_prefix, record_id):
            raise NotFound
        sql, values = self._get_sql, [caller.business_id, record_id]
        own = own_condition(self.kind, caller, "$3")
        if own:
            sql = f"{sql} AND {own}"
            values.append(caller.user_id)
        row = await self.database.row(sql, *values)
        if row is None:
            raise NotFound
        return self.reader.read(row, caller.business_id)

    async def create(self, call: Call, given: Any, reply: Reply = _itself) -> Any:
        """Creates a record from its writable fields; `reply` makes the answer of it."""
        record = self.draft(call.caller, given)
        command, found = self.insertion(call, record, reply(record))
        if any(link.target is None for link in found) or not await commands.run(
            self.database, command
        ):
            await self._refuse(call.caller, found)
        return reply(record)

    def draft(self, caller: Caller, given: Any) -> Any:
        """A new record: what was given, the defaults and what the server sets."""
        record: Any = self.kind.message()
        record.CopyFrom(given)
        for item in self.kind.fields:
            if item.read_only:
                record.ClearField(item.name)
            elif item.policy.default_caller and not record.HasField(item.name):
                setattr(record, item.name, caller.user_id)
        record.id = new_id(self.kind.policy.id_prefix)
        record.created_at.CopyFrom(to_timestamp(now()))
        record.updated_at.CopyFrom(record.created_at)
        record.created_by = caller.user_id
        record.etag = "1"
        self._complete(record)
        return record

    def insertion(
        self, call: Call, record: Any, answer: Message
    ) -> tuple[commands.Command, list[Link]]:
        """The command that inserts a drafted record, and the links that it checks."""
        found = links(call.caller, record, self._writable, self._known)
        beside = commands.Companions(found, timeline.created(self.kind), answer)
        return commands.insert(call, self.kind, record, beside), found

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
            check_etag(before, etag)
            after = type(before)()
            after.CopyFrom(before)
            change(after)
            self._complete(after)
            if after == before:
                await commands.keep_answer(self.database, call, reply(before))
                return reply(before)
            self._check_whole(after)
            if await self._write(call, before, after, reply):
                return reply(after)
            await asyncio.sleep(random.uniform(0, 0.001) * attempt)  # noqa: S311
        raise Unavailable

    async def delete(self, call: Call, record_id: str, etag: str = "") -> None:
        """Deletes a record; it stays in the database, seen by nobody."""
        sql = update_sql(Shape(self.kind.table, (("deleted_at", "timestamptz"),)))
        for _ in range(MOST_ATTEMPTS):
            record = await self.get(call.caller, record_id)
            check_etag(record, etag)
            values = [call.caller.business_id, record_id, int(record.etag), now()]
            if await commands.run(self.database, commands.Command(sql, values)):
                return
        raise Unavailable

    async def _write(self, call: Call, before: Any, after: Any, reply: Reply) -> bool:
        """Writes what differs; whether the record was still as it was read."""
        moment = max(now(), from_timestamp(before.updated_at) + 1)
        after.updated_at.CopyFrom(to_timestamp(moment))
        after.etag = str(int(before.etag) + 1)
        fields = [item for item in self.kind.fields if _differs(item, before, after)]
        found = links(call.caller, after, fields, self._known)
        if any(link.target is None for link in found):
            await self._refuse(call.caller, found)
        events = timeline.changed(self.kind, before, after)
        beside = commands.Companions(found, events, reply(after))
        version = int(before.etag)
        command = commands.update(call, self.kind, after, version, fields, beside)
        if await commands.run(self.database, command):
            return True
        await self._refuse(call.caller, found)
        return False

    async def _refuse(self, caller: Caller, found: list[Link]) -> None:
        await refuse_missing(self.database, caller, found, self.kind.resource)

    def _complete(self, record: Any) -> None:
        """Puts defaults in, takes empty texts out and derives what follows."""
        for item in self._writable:
            if item.kind is Kind.CUSTOM:
                getattr(record, item.name).SetInParent()
            elif item.default is not None:
                if not getattr(record, item.name):
                    setattr(record, item.name, item.default)
            elif item.is_nullable_text and not getattr(record, item.name):
                record.ClearField(item.name)
        self._derive(record)

    def _check_whole(self, record: Any) -> None:
        """Refuses a record that a change has left without what it must always hold."""
        faults = Faults()
        path, policy = self.kind.resource, self.kind.policy
        check_any(record, path, tuple(policy.require_any), faults)
        for item in self._writable:
            if (
                item.kind is Kind.CUSTOM
                and len(record.custom_fields.fields) > MOST_KEYS
            ):
                code = FaultCode.FAULT_CODE_TOO_MANY
                message = f"A record has at most {MOST_KEYS} custom fields."
                faults.add(f"{path}.{item.name}", code, message)
        if faults.found:
            raise ValidationFailed(faults.found)


def check_etag(record: Any, etag: str) -> None:
    """Refuses a record whose etag is not among those given, if any are."""
    if etag and record.etag not in etag.split(","):
        raise EtagMismatch


def _differs(item: Field, before: Any, after: Any) -> bool:
    return bool(column_value(item, before) != column_value(item, after))
