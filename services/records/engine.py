"""The one engine that reads, creates, changes and deletes records of any kind.

It knows of a kind what `CompiledKind` holds. A change reads the record, works on the
message and writes it back if the version is still the one that was read; nothing
stays locked between.
"""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from services.caller import Call, Caller
from services.clock import from_timestamp, now, to_timestamp
from services.errors import EtagMismatch, NotFound, SystemRecord, Unavailable
from services.ids import is_id
from services.postgres.database import Database
from services.records import commands
from services.records.behaviour import M
from services.records.compiled import CompiledKind
from services.records.references import Link, links, refuse_missing
from services.records.statements import Shape, update_sql
from services.records.visibility import USER, visible

R = TypeVar("R", bound=Message)

Change = Callable[[M], None]

MOST_ATTEMPTS = 60


def _itself(record: M) -> M:
    return record


def _nothing(_: Message) -> None:
    pass


class Records(Generic[M]):
    """The records of one kind in a database."""

    def __init__(self, database: Database, compiled: CompiledKind[M]) -> None:
        self.database = database
        self.compiled = compiled
        self.kind = compiled.kind
        self.kinds = compiled.kinds
        self.codec = compiled.codec

    async def get(self, caller: Caller, record_id: str) -> M:
        """The record, if there is one that the caller sees; else `NotFound`."""
        if not is_id(self.kind.policy.id_prefix, record_id):
            raise NotFound
        sql, values = self.compiled.get_sql, [caller.business_id, record_id]
        seen = visible(self.kind, caller, self.kinds)
        if seen:
            sql = f"{sql} AND {seen.format(tenant='$1', user='$3')}"
        if USER in seen:
            values.append(caller.user_id)
        row = await self.database.row(sql, *values)
        if row is None:
            raise NotFound
        return self.codec.read(row, caller.business_id)  # type: ignore[no-any-return]  # a message of the kind

    async def create(self, call: Call, given: M, settle: Change[M] = _nothing) -> M:
        """Creates a record from its writable fields; `settle` sets others of it."""
        record = self.compiled.draft(call.caller, given)
        settle(record)
        command, found = self.insertion(call, record, record)
        around = self.compiled.behaviour.around(call.caller, None, record)
        if any(link.target is None for link in found) or not await commands.run(
            self.database, command, around
        ):
            await self.refuse(call.caller, found)
        return record

    def insertion(
        self, call: Call, record: M, answer: Message
    ) -> tuple[commands.Command, list[Link]]:
        """The command that inserts a drafted record, and the links that it checks."""
        compiled = self.compiled
        found = links(call.caller, record, compiled.references, self.kinds)
        events = compiled.events(None, record)
        beside = commands.Companions(found, events, answer)
        values = self.codec.values(record)
        return commands.insert(call, self.kind, record, values, beside), found

    async def update(
        self, call: Call, record_id: str, change: Change[M], etag: str = ""
    ) -> M:
        """Changes a record by `change`, which works on the message in place.

        A record that another call changed in between is read again and `change`
        applied anew. With `etag` (several separated by commas) the record must
        have one of these, else `EtagMismatch`. A change of nothing writes nothing.
        """
        return await self.update_and_reply(call, record_id, change, _itself, etag)

    async def update_and_reply(
        self,
        call: Call,
        record_id: str,
        change: Change[M],
        reply: Callable[[M], R],
        etag: str = "",
    ) -> R:
        """As `update`; `reply` makes the answer, which the call's key keeps."""
        compiled = self.compiled
        for attempt in range(MOST_ATTEMPTS):
            before = await self.get(call.caller, record_id)
            self._check_writable(before)
            check_etag(before, etag)
            after = type(before)()
            after.CopyFrom(before)
            change(after)
            compiled.complete(after)
            if after == before:
                answer = reply(before)
                await commands.keep_answer(self.database, call, answer)
                return answer
            compiled.check_whole(after, before)
            self._advance(before, after)
            answer = reply(after)
            if await self._write(call, before, after, answer):
                return answer
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
            record: Any = await self.get(call.caller, record_id)
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
        around = self.compiled.behaviour.around(caller, record, None)
        if not self.compiled.clearing:
            return around
        here = [caller.business_id, record.id, moment]
        clearing = [commands.Command(sql, here) for sql in self.compiled.clearing]
        if around is None:
            return commands.Around(after=clearing)
        return commands.Around(around.before, [*clearing, *around.after])

    def _advance(self, before: Any, after: Any) -> None:
        """Gives the new state of a record its time and version."""
        moment = max(now(), from_timestamp(before.updated_at) + 1)
        after.updated_at.CopyFrom(to_timestamp(moment))
        after.etag = str(int(before.etag) + 1)

    async def _write(
        self, call: Call, before: Any, after: Any, answer: Message
    ) -> bool:
        """Writes what differs; whether the record was still as it was read."""
        compiled = self.compiled
        changed = compiled.differences(before, after)
        referring = [
            item
            for item in compiled.references
            if (item.name, item.column_type) in changed
        ]
        found = links(call.caller, after, referring, self.kinds)
        if any(link.target is None for link in found):
            await self.refuse(call.caller, found)
        beside = commands.Companions(found, compiled.events(before, after), answer)
        version = int(before.etag)
        command = commands.update(call, self.kind, after, version, changed, beside)
        around = compiled.behaviour.around(call.caller, before, after)
        if await commands.run(self.database, command, around):
            return True
        await self.refuse(call.caller, found)
        return False

    async def refuse(self, caller: Caller, found: list[Link]) -> None:
        """Refuses a command whose references lead nowhere, naming them all."""
        await refuse_missing(self.database, caller, found, self.kind.resource)

    def _check_writable(self, record: Any) -> None:
        """Refuses to change what the server alone writes."""
        alone = self.kind.by_links_alone
        if alone is not None and record.source == alone:
            raise SystemRecord


def check_etag(record: Any, etag: str) -> None:
    """Refuses a record whose etag is not among those given, if any are."""
    if etag and f",{record.etag}," not in f",{etag},":
        raise EtagMismatch
