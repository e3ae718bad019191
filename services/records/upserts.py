"""Upserts: update the record that matches, or create one.

A creation locks the value that records are matched by, and then looks for a match once
more. So two upserts of the same new value at the same time create one record.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
from google.protobuf.message import Message

from services.caller import Call, Caller
from services.errors import NotFound, Unavailable, ValidationFailed
from services.faults import Faults
from services.kinds import masks
from services.kinds.rules import check_any
from services.postgres.database import Database, Transaction
from services.records import commands
from services.records.engine import MOST_ATTEMPTS, Records
from services.records.visibility import USER, visible

Reply = Callable[[bool, Any], Message]

_UNLOCK = "DELETE FROM upsert_locks WHERE business_id = $1 AND key = $2"


@dataclass(frozen=True, slots=True)
class Match:
    """A field that records are matched by, with the SQL of its column and a value."""

    field: str
    column: str
    value: str


class Upserts:
    """Upserts records of one kind. If several match, the oldest visible one is used."""

    def __init__(self, records: Records[Any], matches: Sequence[Match]) -> None:
        self._records = records
        self._matches = matches

    async def upsert(self, call: Call, request: Any, reply: Reply) -> Message:
        """Writes the fields that the request's mask names; `reply` makes the answer.

        Raises `NotFound` if an id is given and the caller sees no such record.
        """
        kind = self._records.kind
        given = getattr(request, kind.resource)
        paths = masks.written_paths(kind, request)
        change = partial(masks.write, source=given, paths=paths)
        updated = partial(reply, False)
        if given.id:
            return await self._update(call, given.id, change, updated)
        match = self._match(given)
        value = getattr(given, match.field)
        for _ in range(MOST_ATTEMPTS):
            found = await self._find(self._records.database, call.caller, match, value)
            try:
                if found is not None:
                    return await self._update(call, found, change, updated)
                record = kind.message()
                change(record)
                created = await self._create(call, match, value, record, reply)
            except NotFound:
                continue  # the record was deleted after it was found
            if created is not None:
                return created
        raise Unavailable

    def _match(self, given: Any) -> Match:
        match = next((m for m in self._matches if getattr(given, m.field)), None)
        if match is not None:
            return match
        faults = Faults()
        names = tuple(m.field for m in self._matches)
        check_any(given, self._records.kind.resource, names, faults)
        raise ValidationFailed(faults.found)

    async def _update(
        self, call: Call, record_id: str, change: Callable[[Any], None], reply: Any
    ) -> Message:
        answer: Message = await self._records.update_and_reply(
            call, record_id, change, reply
        )
        return answer

    async def _find(
        self, database: Database | Transaction, caller: Caller, match: Match, value: str
    ) -> str | None:
        kind = self._records.kind
        values = [caller.business_id, value]
        seen = visible(kind, caller, self._records.kinds)
        if USER in seen:
            values.append(caller.user_id)
        seen = seen.format(tenant="$1", user="$3")
        row = await database.row(
            f"SELECT r.id FROM {kind.table} AS r WHERE r.business_id = $1"
            f" AND {match.column} = {match.value.format('$2::text')}"
            f" AND r.deleted_at IS NULL{' AND ' + seen if seen else ''}"
            " ORDER BY r.created_at, r.id LIMIT 1",
            *values,
        )
        return None if row is None else str(row[0])

    async def _create(
        self, call: Call, match: Match, value: str, given: Any, reply: Reply
    ) -> Message | None:
        """Creates the record under the lock. None if a match exists by then."""
        records, caller = self._records, call.caller
        own = await records.own(caller, call.schema)
        record = records.draft(caller, given, own)
        records.compiled.check_whole(record, own=own)
        answer = reply(True, record)
        written = records.insertion(call, record, answer, own)
        if any(each.target is None for each in written.references):
            await records.refuse(caller, written.references)
        is_found = False

        async def create(transaction: Transaction) -> bool:
            nonlocal is_found
            key = await self._lock(transaction, caller, match, value)
            found = await self._find(transaction, caller, match, value)
            is_found, done = found is not None, False
            if not is_found:
                done = await commands.run_in(transaction, written.command)
            await transaction.run(_UNLOCK, caller.business_id, key)
            return done or is_found

        try:
            done = await records.database.in_transaction(create)
        except asyncpg.UniqueViolationError as error:
            await records.refuse_taken(caller, written, error)
            return None
        if not done:
            await records.refuse(caller, written.references)
            if written.owed is not None:
                await records.look_again(call)
                return None
        return None if is_found else answer

    async def _lock(
        self, transaction: Transaction, caller: Caller, match: Match, value: str
    ) -> str:
        """Blocks other upserts of the value until the transaction ends."""
        row = await transaction.row(
            "INSERT INTO upsert_locks (business_id, key)"
            f" VALUES ($1, $2::text || {match.value.format('$3::text')})"
            " ON CONFLICT (business_id, key) DO UPDATE SET key = excluded.key"
            " RETURNING key",
            caller.business_id,
            f"{self._records.kind.table} {match.field} ",
            value,
        )
        assert row is not None  # noqa: S101 - the statement always returns its row
        return str(row[0])
