"""The methods that find duplicates of a record, and all groups of duplicates."""

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from google.protobuf.message import Message
from google.type.decimal_pb2 import Decimal as DecimalMessage
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.answers.finding import rows_of
from services.caller import Call
from services.duplicates.companies import COMPANIES
from services.duplicates.contacts import CONTACTS
from services.duplicates.groups import Group, group_of, near
from services.duplicates.looking import Looking, Subject
from services.errors import NotFound, ValidationFailed
from services.faults import Fault
from services.records import own_checks
from services.records.engine import Records
from services.sealed.cursors import Cursors

# The kinds of records whose duplicates are found.
KINDS = {"contact": CONTACTS, "company": COMPANIES}

MOST_DUPLICATES = 25
DEFAULT_LIMIT = 10
DEFAULT_SCORE = 80

# So many records are read together, and for one page.
_TOGETHER, _MOST_LOOKED_AT = 200, 1_000
# A page ends after so long, be it empty: where many are alike, or on a busy machine.
_SECONDS = 1.0


class Duplicates:
    """Duplicates among the records of one kind."""

    def __init__(self, records: Records[Any], cursors: Cursors) -> None:
        self._records, self._cursors = records, cursors
        self._looking = Looking(records, KINDS[records.kind.resource])

    async def find(self, call: Call, request: Any, response: type[Message]) -> Any:
        """The duplicates of a record. Raises `NotFound` and `ValidationFailed`."""
        subject = await self._asked_for(call, request)
        least = _least(request)
        pairs = await self._looking.pairs(call.caller, [subject], least)
        pairs.sort(key=lambda each: (-each.likeness.score, each.found.id))
        pairs = pairs[:MOST_DUPLICATES]
        records = await self._read(call, (each.found.id for each in pairs))
        found = [
            (each.likeness, records[each.found.id])
            for each in pairs
            if each.found.id in records  # it may be deleted by now
        ]
        found.sort(key=lambda each: (-each[0].score, _age(each[1])))
        answer: Any = response()
        for likeness, record in found:
            score, reasons = _told(likeness.score), likeness.reasons
            answer.data.add(record=record, score=score, reasons=reasons)
        return answer

    async def _asked_for(self, call: Call, request: Any) -> Subject:
        if request.HasField("id") == request.HasField("record"):
            code = FaultCode.FAULT_CODE_INVALID
            if not request.HasField("id"):
                code = FaultCode.FAULT_CODE_REQUIRED
            raise ValidationFailed([Fault("id", code, "Give either id or record.")])
        if request.HasField("record"):
            self._records.compiled.behaviour.derive(request.record)
            return await self._looking.of_record(call.caller, request.record)
        subject = await self._looking.of_id(call.caller, request.id)
        if subject is None:  # it was merged or erased, or is not there
            record = await self._records.get(call.caller, request.id)
            subject = await self._looking.of_id(call.caller, record.id)
        if subject is None:
            raise NotFound
        return subject

    async def page(self, call: Call, request: Any, response: type[Message]) -> Any:
        """One page of the groups, in the order of the first ids in them."""
        caller, limit = call.caller, request.limit or DEFAULT_LIMIT
        last, goes_on = "", True
        if request.cursor:
            last, _ = self._cursors.open(caller, request)
        groups: list[Group] = []
        least, looked_at = _least(request), 0
        is_late = _timer(_SECONDS)
        while goes_on and len(groups) < limit and looked_at < _MOST_LOOKED_AT:
            if looked_at and is_late():
                break
            looking = self._looking
            subjects, last, goes_on = await looking.after(caller, last, _TOGETHER)
            found, done = await near(looking, caller, subjects, least, is_late)
            looked_at, end = looked_at + _TOGETHER, last
            for subject in subjects[:done]:
                if (group := group_of(subject, found)) is not None:
                    groups.append(group)
                last = subject.id
                if len(groups) == limit:
                    break
            else:
                last = end if done == len(subjects) else last
            goes_on = goes_on or last != end
        answer: Any = response()
        await self._fill(call, answer, groups)
        cursor = answer.meta.cursor
        cursor.has_more = goes_on
        if goes_on:
            cursor.next = self._cursors.seal(caller, request, (last, ""))
        return answer

    async def _fill(self, call: Call, answer: Any, groups: list[Group]) -> None:
        """Puts groups into an answer, but for records that are deleted by now."""
        records = await self._read(call, (each for g in groups for each in g.ids))
        for group in groups:
            held = [records[each] for each in group.ids if each in records]
            held.sort(key=_age)
            if len(held) > 1:
                score = _told(group.score)
                answer.data.add(records=held, score=score, reasons=group.reasons)

    async def _read(self, call: Call, ids: Iterable[str]) -> dict[str, Any]:
        """Records as answers show them, by id."""
        records, caller = self._records, call.caller
        codec = records.codec
        rows = await rows_of(records, codec.columns, caller, ids)
        found = {row["id"]: codec.read(row, caller.business_id) for row in rows}
        own = await records.own_of(call)
        if own.hidden:
            own_checks.hide(own, found.values())
        return found


def _timer(seconds: float) -> Callable[[], bool]:
    """Returns what tells whether so much time has passed since."""
    clock = asyncio.get_running_loop().time
    ends_at = clock() + seconds
    return lambda: clock() > ends_at


def _age(record: Any) -> tuple[int, int, str]:
    return record.created_at.seconds, record.created_at.nanos, record.id


def _least(request: Any) -> int:
    """The least score that the request asks for, in hundredths."""
    if not request.HasField("min_score"):
        return DEFAULT_SCORE
    return int(Decimal(request.min_score.value) * 100)


def _told(score: int) -> DecimalMessage:
    return DecimalMessage(value=str(Decimal(score) / 100))
