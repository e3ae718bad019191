"""Operations that create, change or read records of one type together.

Each runs as a single request does, until it would write its record or read it. There
it waits for the others, and one statement serves all. If that cannot insert every
record, those whose unique values others have are found by one query. If that is not
why, halves are tried, down to single ones, in their order: so each gets the answer that
it would have had alone. Of changes it writes those whose records nobody
else has changed; the others try again, each alone.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.caller import Call, Caller
from services.errors import ServiceError
from services.kinds.own_fields import OwnFields
from services.pauses import Pauses
from services.records import commands, own_checks
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.erasing.tombstones import missing
from services.records.idempotency import FAILED_WRITES
from services.records.own_writes import owed_by_creation
from services.records.several.changed import sharing, update_many
from services.records.several.held import refusal, sort_out
from services.records.several.many import Draft, insert_many, load_many
from services.records.single_writes import Changed, insertion_of

T = TypeVar("T")

# So many operations go on with their results before others have the event loop.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class _Member:
    """An operation that waits: with a draft, with a change, or to read a record."""

    call: Call
    own: OwnFields
    done: "asyncio.Future[Any]"
    record_id: str
    record: Any = None
    changed: Changed | None = None


class Together:
    """A number of operations on records of one type."""

    def __init__(self, size: int) -> None:
        self._expected = size
        self._members: list[_Member] = []
        self._records: Records[Any] | None = None
        self._running: asyncio.Task[None] | None = None
        self._shared: asyncio.Task[Any] | None = None

    async def create(
        self, records: Records[Any], call: Call, record: Any, own: OwnFields
    ) -> bool:
        """Inserts a draft, and returns whether that was possible."""
        return bool(await self._arrive(records, call, own, record.id, record))

    async def change(
        self, records: Records[Any], call: Call, changed: Changed, own: OwnFields
    ) -> bool:
        """Writes a change. False if another call was faster."""
        record_id = changed.record.id
        its = records, call, own, record_id, None, changed
        return bool(await self._arrive(*its))

    async def get(self, records: Records[Any], call: Call, record_id: str) -> Message:
        """Returns a record. Raises `NotFound` if the caller sees none."""
        own = await records.own_of(call)
        found = await self._arrive(records, call, own, record_id)
        if found is None:
            where = records.database, records.kind, call.caller
            raise await missing(*where, record_id)
        return own_checks.shown(found, own)  # type: ignore[no-any-return]  # a message

    async def shared(self, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Reads once for all what each of the operations needs."""
        if self._shared is None:
            self._shared = asyncio.create_task(read())
        return await self._shared  # type: ignore[no-any-return]  # of one kind

    def leave(self) -> None:
        """An operation ends that has not arrived here."""
        self._expected -= 1
        self._go_on()

    async def end(self) -> None:
        """Ends the statement, if one is running: the operations were given up."""
        running = [each for each in (self._running, self._shared) if each is not None]
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _arrive(
        self,
        records: Records[Any],
        call: Call,
        own: OwnFields,
        record_id: str,
        record: Any = None,
        changed: Changed | None = None,
    ) -> Any:
        done = asyncio.get_running_loop().create_future()
        call.together = None  # if it must try again, it does so alone
        self._records = records
        self._members.append(_Member(call, own, done, record_id, record, changed))
        self._go_on()
        return await done

    def _go_on(self) -> None:
        """Begins the statement once all that will come are there."""
        if self._running is None and len(self._members) == self._expected:
            self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        members, records = self._members, self._records
        if records is None:
            return
        try:
            created = [each for each in members if each.record is not None]
            changed = [each for each in members if each.changed is not None]
            if changed:
                await _change_all(records, changed)
            if created:
                await _create_all(records, created)
            if len(created) + len(changed) < len(members):
                await _read_all(records, [e for e in members if not e.done.done()])
        except BaseException as error:
            for each in members:
                if not each.done.done():
                    each.done.set_exception(error)
            if isinstance(error, asyncio.CancelledError):
                raise


async def _tell(members: Sequence[_Member], results: Sequence[Any]) -> None:
    """Lets operations go on with their results, some at a time."""
    pauses = Pauses()
    for number, (each, result) in enumerate(zip(members, results, strict=True), 1):
        if not each.done.done():  # it may have been given up meanwhile
            each.done.set_result(result)
        if number % _AT_ONCE == 0:
            await pauses.now()


async def _read_all(records: Records[Any], members: Sequence[_Member]) -> None:
    first, ids = members[0].call, [each.record_id for each in members]
    found = await load_many(records, first.caller, ids, first.object)
    await _tell(members, [found.get(each.record_id) for each in members])


async def _change_all(records: Records[Any], members: Sequence[_Member]) -> None:
    """Writes the changes that share a statement, and each other one by itself.

    Of several changes of one record the first is written: the others see it then.
    """
    shared: dict[Any, list[_Member]] = {}
    alone, seen = list[_Member](), set[str]()
    for each in members:
        assert each.changed is not None  # noqa: S101 - by the caller
        if each.record_id in seen:
            each.done.set_result(False)
            continue
        seen.add(each.record_id)
        key = sharing(each.changed)
        if key is None:
            alone.append(each)
        else:
            shared.setdefault(key, []).append(each)
    for group in shared.values():
        await _change(records, sorted(group, key=lambda member: member.record_id))
    for each in alone:
        await _change_one(records, each)


async def _change(records: Records[Any], members: Sequence[_Member]) -> None:
    if len(members) == 1:
        await _change_one(records, members[0])
        return
    call = members[0].call
    every = [each.changed for each in members if each.changed is not None]
    command = update_many(records.compiled, call, every)
    rows = await records.database.rows(command.sql, *command.values)
    written = {row[0] for row in rows}
    if len(written) < len(members) and every[0].companions.own is not None:
        for each in members:
            if each.record_id not in written:
                await records.look_again(each.call)
    await _tell(members, [each.record_id in written for each in members])


async def _change_one(records: Records[Any], member: _Member) -> None:
    assert member.changed is not None  # noqa: S101 - by the caller
    written = member.changed.written(records.compiled, member.call)
    try:
        made = await records.run(member.call, written, None)
    except ServiceError as error:
        member.done.set_exception(error)
    else:
        member.done.set_result(made)


async def _create_all(records: Records[Any], members: Sequence[_Member]) -> None:
    """Inserts all drafts at once, or those of each half, or each by itself."""
    if len(members) == 1:
        await _create_one(records, members[0])
        return
    if await _insert(records, members):
        await _tell(members, [True] * len(members))
        return
    parts = await _sorted_out(records, members)
    if not parts:
        half = len(members) // 2
        parts = [members[:half], members[half:]]
    for part in parts:
        if part:
            await _create_all(records, part)


async def _sorted_out(
    records: Records[Any], members: Sequence[_Member]
) -> Sequence[Sequence[_Member]]:
    """Answers drafts whose unique values others have. Returns the rest in two parts.

    The second part has the drafts that repeat a value of one before them. No parts:
    unique values are not why the drafts could not be inserted.
    """
    kind, caller = records.compiled, members[0].call.caller
    drafts = [_draft(kind, caller, each) for each in members]
    found = await sort_out(records.database, kind, caller, drafts)
    if not found.held and not found.repeating:
        return ()
    first, later = list[_Member](), list[_Member]()
    pauses = Pauses()
    for index, (each, draft) in enumerate(zip(members, drafts, strict=True)):
        if index not in found.held:
            (later if index in found.repeating else first).append(each)
            continue
        faults = found.held[index]
        if not faults or kind.around_creation(caller, each.record):
            await _create_one(records, each)
            continue
        error = await refusal(records, each.call, draft, faults)
        if not each.done.done():  # it may have been given up meanwhile
            each.done.set_exception(error)
        if index % _AT_ONCE == 0:
            await pauses.now()
    return first, later


async def _create_one(records: Records[Any], member: _Member) -> None:
    try:
        made = await _create(records, member.call, member.record, member.own)
    except ServiceError as error:
        member.done.set_exception(error)
    else:
        member.done.set_result(made)


async def _create(
    records: Records[Any], call: Call, record: Any, own: OwnFields
) -> bool:
    written = insertion_of(records.compiled, call, record, record, own)
    around = records.compiled.around_creation(call.caller, record)
    return await records.run(call, written, around)


async def _insert(records: Records[Any], members: Sequence[_Member]) -> bool:
    """Inserts all drafts. False if that was not possible, and none is inserted."""
    kind, call = records.compiled, members[0].call
    caller = call.caller
    drafts, pauses = list[Draft](), Pauses()
    for each in members:
        drafts.append(_draft(kind, caller, each))
        await pauses.between()
    command = insert_many(kind, call, drafts)
    if command is None:
        return False
    if any(kind.around_creation(caller, each.record) for each in members):
        return False
    try:
        return await commands.run(records.database, command)
    except FAILED_WRITES:
        return False


def _draft(kind: CompiledKind[Any], caller: Caller, member: _Member) -> Draft:
    record, values = member.record, kind.codec.values(member.record)
    owed = owed_by_creation(kind, caller, record, record, member.own, values)
    return Draft(record, values, owed)
