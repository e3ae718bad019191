"""The engine that reads, creates, updates and deletes records of any kind.

Everything it knows of a kind is in `CompiledKind`. An update reads the record, changes
the message, and writes it back if the version is unchanged. Nothing is locked between.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

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
from services.ids import is_id
from services.postgres.database import Database
from services.records import commands
from services.records.behaviour import M
from services.records.compiled import CompiledKind
from services.records.idempotency import FAILED_WRITES
from services.records.references import Reference, references_of, refuse_missing
from services.records.unique_values import is_taken
from services.records.visibility import USER, visible

R = TypeVar("R", bound=Message)

Change = Callable[[M], None]
# Runs a command and the statements around it, as `commands.run` does.
Run = Callable[
    [Database, commands.Command, commands.Around | None], Awaitable[bool | None]
]

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
        """Returns a record. Raises `NotFound` if the caller sees no such record."""
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
        """Creates a record from its writable fields; `settle` sets further fields."""
        record = self.compiled.draft(call.caller, given)
        settle(record)
        for _ in range(MOST_ATTEMPTS):
            if await self.insert(call, record, record):
                return record
            await self.refuse_taken(call.caller, record)
        raise Unavailable

    async def insert(
        self, call: Call, record: M, answer: Message, run: Run = commands.run
    ) -> bool:
        """Inserts a draft. Returns False if another record has a unique value of it.

        `run` runs the command. Raises `ValidationFailed` if a reference leads nowhere.
        """
        command, found = self._insertion(call, record, answer)
        around = self.compiled.behaviour.around(call.caller, None, record)
        try:
            if any(each.target is None for each in found) or not await run(
                self.database, command, around
            ):
                await self.refuse(call.caller, found)
        except FAILED_WRITES as error:
            if not is_taken(error):
                raise
            return False
        return True

    def _insertion(
        self, call: Call, record: M, answer: Message
    ) -> tuple[commands.Command, list[Reference]]:
        """Returns the command that inserts a draft, and the references it checks."""
        compiled = self.compiled
        found = references_of(call.caller, record, compiled.references, self.kinds)
        events = compiled.events(None, record)
        unique = compiled.unique.changes(None, record)
        companions = commands.Companions(found, events, answer, unique)
        values = self.codec.values(record)
        return commands.insert(call, self.kind, record, values, companions), found

    async def update(
        self, call: Call, record_id: str, change: Change[M], etag: str = ""
    ) -> M:
        """Applies `change`, which modifies the message in place, to a record.

        If another call changed the record meanwhile, it is read again and `change` is
        applied again. With `etag` (one or more, separated by commas) the record must
        have one of them, otherwise `EtagMismatch` is raised. If nothing differs after
        `change`, nothing is written.
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
        """Like `update`; `reply` makes the answer, which is stored for a replay."""
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
                call.changed_nothing = True
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
        """Deletes a record and clears the references to it.

        The row stays in the database, hidden. Raises the same errors as `update`.
        """
        for _ in range(MOST_ATTEMPTS):
            record: Any = await self.get(call.caller, record_id)
            self._check_writable(record)
            check_etag(record, etag)
            moment, unique = now(), self.compiled.unique.changes(record, None)
            around = self._around_deletion(call.caller, record, moment)
            command = commands.delete(call, self.kind, record, moment, unique)
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
        """Sets the time and the version of a record's new state."""
        moment = max(now(), from_timestamp(before.updated_at) + 1)
        after.updated_at.CopyFrom(to_timestamp(moment))
        after.etag = str(int(before.etag) + 1)

    async def _write(
        self, call: Call, before: Any, after: Any, answer: Message
    ) -> bool:
        """Writes the differences. Returns False if another call was faster."""
        compiled = self.compiled
        changed = compiled.differences(before, after)
        referring = [
            item
            for item in compiled.references
            if (item.name, item.column_type) in changed
        ]
        found = references_of(call.caller, after, referring, self.kinds)
        if any(each.target is None for each in found):
            await self.refuse(call.caller, found)
        events, unique = compiled.events(before, after), compiled.unique
        companions = commands.Companions(
            found, events, answer, unique.changes(before, after)
        )
        version = int(before.etag)
        command = commands.update(call, self.kind, after, version, changed, companions)
        around = compiled.behaviour.around(call.caller, before, after)
        try:
            if await commands.run(self.database, command, around):
                return True
        except FAILED_WRITES as error:
            if not is_taken(error):
                raise
            await self.refuse_taken(call.caller, after)
        await self.refuse(call.caller, found)
        return False

    async def refuse(self, caller: Caller, found: list[Reference]) -> None:
        """Raises `ValidationFailed` if references lead to no record, naming them."""
        await refuse_missing(self.database, caller, found, self.kind.resource)

    async def refuse_taken(self, caller: Caller, record: Any) -> None:
        """Raises `ValidationFailed` if other records have unique values of this one."""
        unique = self.compiled.unique
        values = sorted(unique.of(record).items())
        holders = await unique.holders(self.database, caller, record.id, values)
        if holders:
            raise ValidationFailed(unique.faults(holders))

    def _check_writable(self, record: Any) -> None:
        """Refuses to change a record that only the server writes."""
        alone = self.kind.by_links_alone
        if alone is not None and record.source == alone:
            raise SystemRecord


def check_etag(record: Any, etag: str) -> None:
    """Raises `EtagMismatch` if etags are given and the record has none of them."""
    if etag and f",{record.etag}," not in f",{etag},":
        raise EtagMismatch
