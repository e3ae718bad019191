"""The engine that reads, creates, updates and deletes records of any kind.

Everything it knows of a kind is in `CompiledKind`. An update reads the record, changes
the message, and writes it back if the version is unchanged. Nothing is locked between,
unless others have been faster several times.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from services.caller import Call, Caller
from services.errors import RecordMerged, SystemRecord, Unavailable
from services.kinds.formulas import compute
from services.kinds.objects import no_object
from services.kinds.own_fields import NO_FIELDS, NO_SCHEMA, OwnFields, Schema
from services.kinds.sensitive import fields_of
from services.postgres.database import Database
from services.records import commands, own_checks, own_writes
from services.records.behaviour import M
from services.records.compiled import CompiledKind
from services.records.contended import MOST_ATTEMPTS, PATIENCE, holding
from services.records.idempotency import FAILED_WRITES
from services.records.many.merged import lead_on
from services.records.own_writes import Written
from services.records.reading.one import load
from services.records.references import Reference, refuse_missing
from services.records.schemas import Schemas
from services.records.single_writes import change_of, deletion_of, insertion_of
from services.records.versions import advance, check_etag
from services.records.visibility import refuse_others

R = TypeVar("R", bound=Message)
T = TypeVar("T")

Change = Callable[[M], None]


def _itself(record: M) -> M:
    return record


def _nothing(_: Message) -> None:
    pass


class Records(Generic[M]):
    """The records of one kind in a database.

    `schemas` are the tenants' definitions; without them all custom fields are free.
    `patience` is how often a write may find that another call was faster.
    """

    def __init__(
        self,
        database: Database,
        compiled: CompiledKind[M],
        schemas: Schemas | None = None,
        patience: int = PATIENCE,
    ) -> None:
        self.database = database
        self.compiled = compiled
        self.kind, self.kinds = compiled.kind, compiled.kinds
        self.codec = compiled.codec
        self._schemas, self._patience = schemas, patience

    def with_around(self, around: Any) -> "Records[M]":
        """Returns the same records with other statements around their changes."""
        its = replace(self.compiled.behaviour, around=around)
        compiled = replace(self.compiled, behaviour=its)
        return Records(self.database, compiled, self._schemas)

    def over(self, database: Database) -> "Records[M]":
        """Returns the same records in a database, such as that of a transaction."""
        return Records(database, self.compiled, self._schemas)

    async def own_of(self, call: Call) -> OwnFields:
        """The tenant's fields for records of the kind, as the request was checked."""
        if not self.compiled.has_custom_fields:
            return NO_FIELDS
        schema = call.schema or await self.schema_of(call.caller)
        if call.object and call.object not in schema.custom:
            raise no_object(call.object)  # archived after the request was checked
        return fields_of(schema, call.object or self.kind.table, call.caller)

    async def schema_of(self, caller: Caller) -> Schema:
        """The tenant's definitions, no older than the caller's token is known."""
        if self._schemas is None:
            return NO_SCHEMA
        return self._schemas.known(caller) or await self._schemas.of(caller)

    async def custom_objects(
        self, caller: Caller, sought: Iterable[str] = ()
    ) -> frozenset[str]:
        """The tenant's custom objects that are not archived, with the `sought` ones."""
        schemas = self._schemas
        found = await schemas.with_objects(caller, sought) if schemas else NO_SCHEMA
        return found.custom

    async def get(self, caller: Caller, record_id: str, its: str = "") -> M:
        """Returns a record, of the custom object `its` if the kind has several.

        Raises `NotFound` if the caller sees no such record.
        """
        record = await self._load(caller, record_id, its)
        if self.compiled.has_custom_fields:
            schema = await self.schema_of(caller)
            if schema is not NO_SCHEMA:
                own_checks.hide(schema.of(its or self.kind.table), (record,))
        return record

    async def _load(self, caller: Caller, record_id: str, its: str) -> M:
        """Returns a record with the custom fields that answers hide."""
        return await load(self.database, self.compiled, caller, record_id, its)  # type: ignore[no-any-return]  # a message of the kind

    async def create(self, call: Call, given: M, settle: Change[M] = _nothing) -> M:
        """Creates a record from its writable fields; `settle` sets further fields."""
        for _ in range(MOST_ATTEMPTS):
            own = NO_FIELDS if call.schema is NO_SCHEMA else await self.own_of(call)
            checked = call.schema is not None  # by the gate, with the request
            record = self.compiled.draft(call.caller, given, own, is_checked=checked)
            settle(record)
            if call.past:
                self.compiled.recall(record, call.past)
            if call.survivors:
                self.lead_on(call, record, own)
            if own.formulas:
                compute(record, own)
            if call.together is not None:
                if await call.together.create(self, call, record, own):
                    return record
                continue
            written = insertion_of(self.compiled, call, record, record, own)
            around = self.compiled.around_creation(call.caller, record)
            if await self.run(call, written, around):
                return record
        raise Unavailable

    async def run(
        self,
        call: Call,
        written: Written,
        around: commands.Around | None,
        run: commands.Run = commands.run,
        sought: str = "",
    ) -> bool:
        """Runs a command by `run`, and returns whether it wrote the record.

        Raises `ValidationFailed` for references that lead nowhere, and for unique
        values that other records have, unless one of these values is at the path
        `sought`. False: the record or the definitions have changed, or the records that
        had the values are deleted, and the caller tries again.
        """
        _, command, companions = written
        if any(each.target is None for each in companions.references):
            await self.refuse(call, companions.references)
        try:
            if await run(self.database, command, around):
                return True
        except FAILED_WRITES as error:
            where = self.database, self.compiled, call.caller
            await own_writes.refuse_taken(*where, written, error, sought)
            return False
        await self.refuse(call, companions.references)
        if companions.own is not None:
            await self.look_again(call)
        return False

    def has_merges(self, caller: Caller) -> bool:
        """Whether the tenant has merged records, as far as is known here."""
        return self._schemas is not None and self._schemas.has_merges(caller)

    async def look_again(self, call: Call) -> None:
        """Reads the tenant's definitions again, since a write found them changed."""
        call.schema = None
        if self._schemas is not None:
            await self._schemas.read(call.caller.business_id)

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
        for attempt in range(self._patience):
            own = NO_FIELDS if call.schema is NO_SCHEMA else await self.own_of(call)
            before: Any = call.ahead.take(record_id) if call.ahead is not None else None
            if before is None:
                before = await self._load(call.caller, record_id, call.object)
            self.check_writable(before)
            check_etag(before, etag)
            after = type(before)()
            after.CopyFrom(before)
            change(after)
            if call.survivors:
                self.lead_on(call, after, own)
            compiled.complete(after, before)
            if own.checks:
                own_checks.check_changed(before, after, own, self.kind.resource)
            if after == before:
                answer = reply(own_checks.shown(before, own) if own.hidden else before)
                if not await commands.keep_unchanged(
                    self.database, call, self.kind, before, answer
                ):
                    continue
                call.changed_nothing = True
                return answer
            compiled.check_whole(after, before, own)
            refuse_others(self.kind, call.caller, after)
            advance(before, after)
            answer = reply(own_checks.shown(after, own) if own.hidden else after)
            if await self._write(call, before, after, answer, own):
                return answer
            await asyncio.sleep(random.uniform(0, 0.001) * attempt)  # noqa: S311 - not a secret
        given = call, record_id, change, reply, etag
        return await self._locked(
            call, before.id, lambda alone: alone.update_and_reply(*given)
        )

    async def delete(self, call: Call, record_id: str, etag: str = "") -> None:
        """Deletes a record and clears the references to it.

        The row stays in the database, hidden. Raises the same errors as `update`.
        """
        owes = self._schemas is not None
        for _ in range(self._patience):
            schema = await self.schema_of(call.caller)
            record: Any = await self._load(call.caller, record_id, call.object)
            self.check_writable(record)
            check_etag(record, etag)
            if record.id != record_id:
                raise RecordMerged(record.id)
            deletion = deletion_of(self.compiled, call, record, schema, owes)
            if await commands.run(self.database, *deletion):
                return
            await self.look_again(call)
            await self.own_of(call)  # raises `NotFound` where the object is archived
        await self._locked(
            call, record_id, lambda alone: alone.delete(call, record_id, etag)
        )

    async def _locked(
        self, call: Call, record_id: str, work: Callable[["Records[M]"], Awaitable[T]]
    ) -> T:
        """Runs `work` while the record is locked. Raises `Unavailable` if it is."""
        if self._patience == MOST_ATTEMPTS:
            raise Unavailable
        key = call.caller.business_id, record_id
        given = self.compiled, self._schemas, MOST_ATTEMPTS
        return await holding(
            self.database, self.kind.table, key, lambda its: work(Records(its, *given))
        )

    async def _write(
        self, call: Call, before: Any, after: Any, answer: Message, own: OwnFields
    ) -> bool:
        """Writes the differences. Returns False if another call was faster."""
        changed = change_of(self.compiled, call, before, after, answer, own)
        around = self.compiled.behaviour.around(call.caller, before, after)
        if call.together is not None and around is None:
            return bool(await call.together.change(self, call, changed, own))
        return await self.run(call, changed.written(self.compiled, call), around)

    async def refuse(self, call: Call, found: Sequence[Reference]) -> None:
        """Raises `ValidationFailed` if references lead to no record, naming them.

        References to merged records lead to survivors, as the call then knows.
        """
        where = self.database, call.caller
        await refuse_missing(*where, found, self.kind.resource, call.survivors)

    def lead_on(self, call: Call, record: Any, own: OwnFields) -> None:
        """Lets references to merged records lead to the survivors."""
        lead_on(record, self.compiled.references, own.references, call.survivors)

    def check_writable(self, record: Any) -> None:
        """Refuses to change a record that only the server writes."""
        alone = self.kind.by_links_alone
        if alone is not None and record.source == alone:
            raise SystemRecord
