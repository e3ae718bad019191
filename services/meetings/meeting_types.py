"""Meeting types: who may hold them, and the methods that are not standard."""

from collections.abc import Sequence
from typing import Any

from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb
from prospectconnect.scheduling.v1.schedules_pb2 import Schedule
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.answers.finding import rows_of
from services.caller import Caller, current_call
from services.errors import ValidationFailed
from services.faults import Fault
from services.ids import is_id
from services.meetings import asked, questions
from services.meetings.finding import find
from services.meetings.owning import OF_HOURS, check_hosts
from services.records.behaviour import Behaviour
from services.records.commands import Around
from services.records.engine import Records
from services.standard import Kept, standard_methods

AT = "meeting_type.hosts"


def derive(meeting: pb.MeetingType) -> None:
    """Sets what is true by default."""
    if not meeting.HasField("active"):
        meeting.active = True


def check(meeting: pb.MeetingType) -> list[Fault]:
    """The faults of the hosts: a user is one of them once, and `one` has one."""
    found, known = list[Fault](), set[str]()
    for index, host in enumerate(meeting.hosts):
        if host.user_id in known:
            code, at = FaultCode.FAULT_CODE_NOT_UNIQUE, f"{AT}[{index}].user_id"
            found.append(Fault(at, code, "The user is a host already."))
        known.add(host.user_id)
    if meeting.assignment == pb.MEETING_ASSIGNMENT_ONE and len(meeting.hosts) > 1:
        code, message = FaultCode.FAULT_CODE_TOO_MANY, "With `one` there is one host."
        found.append(Fault(AT, code, message))
    return found + questions.check(meeting)


class MeetingTypeMethods:
    """Writes meeting types whose hosts there are, and finds slots."""

    def __init__(
        self,
        kept: Kept,
        users: Records[Any],
        schedules: Records[Any],
        contacts: Records[Any],
    ) -> None:
        self._records: Records[pb.MeetingType] = kept.records
        self._users: Records[Any] = users
        self._schedules: Records[Schedule] = schedules
        self._contacts: Records[Any] = contacts
        service = pb.DESCRIPTOR.services_by_name["MeetingTypeService"]
        self._standard = standard_methods(service, kept)
        writes = ("CreateMeetingType", "UpdateMeetingType", "UpsertMeetingType")
        self.finders = {
            **dict.fromkeys(writes, self._find),
            "FindSlots": asked.find,
        }

    async def CreateMeetingType(self, request: Any, context: Any) -> Any:
        return await self._write("CreateMeetingType", request, context)

    async def UpdateMeetingType(self, request: Any, context: Any) -> Any:
        return await self._write("UpdateMeetingType", request, context)

    async def UpsertMeetingType(self, request: Any, context: Any) -> Any:
        return await self._write("UpsertMeetingType", request, context)

    async def FindSlots(
        self, request: pb.FindSlotsRequest, _: Any
    ) -> pb.FindSlotsResponse:
        caller = current_call().caller
        faults = await asked.find(caller, request)
        if faults:
            raise ValidationFailed(faults)
        meeting = await self._records.get(caller, request.id)
        duration = asked.duration_of(meeting, request)
        return await find(self._records.database, caller, meeting, request, duration)

    async def _write(self, name: str, request: Any, context: Any) -> Any:
        faults = await self._find(current_call().caller, request)
        if faults:
            raise ValidationFailed(faults)
        return await self._standard[name](request, context)

    async def _find(self, caller: Caller, request: Any) -> list[Fault]:
        """The faults of hosts: users and schedules that the caller does not see.

        Slots tell when their hosts are free. So callers who see their own hours alone
        name themselves alone.
        """
        asked_of = await questions.find(caller, request.meeting_type, self._contacts)
        return await self._find_hosts(caller, request) + asked_of

    async def _find_hosts(self, caller: Caller, request: Any) -> list[Fault]:
        hosts = request.meeting_type.hosts
        if not hosts or len(hosts) > asked.MOST_HOSTS:
            return []  # too many are another fault
        users = await _rows(self._users, caller, [each.user_id for each in hosts])
        named = [each.schedule_id for each in hosts if each.schedule_id]
        schedules = await _rows(self._schedules, caller, named)
        owners = {row["id"]: row["user_id"] for row in schedules}
        known = {row["id"] for row in users}
        is_alone = OF_HOURS in caller.own_only
        found = []
        for index, each in enumerate(hosts):
            if is_alone and each.user_id not in ("", caller.user_id):
                code, at = FaultCode.FAULT_CODE_INVALID_CHOICE, f"{AT}[{index}].user_id"
                found.append(Fault(at, code, "Give your own id."))
            elif each.user_id and each.user_id not in known:
                found.append(_missing(index, "user_id", "user"))
            elif each.schedule_id and owners.get(each.schedule_id) != each.user_id:
                found.append(_missing(index, "schedule_id", "schedule of theirs"))
        return found


async def _rows(
    records: Records[Any], caller: Caller, ids: Sequence[str]
) -> Sequence[Any]:
    prefix = records.kind.policy.id_prefix
    good = {each for each in ids if is_id(prefix, each)}
    return await rows_of(records, records.codec.columns, caller, good)


def _missing(index: int, name: str, what: str) -> Fault:
    code, message = FaultCode.FAULT_CODE_NOT_FOUND, f"There is no such {what}."
    return Fault(f"{AT}[{index}].{name}", code, message)


def around(
    caller: Caller, before: pb.MeetingType | None, after: pb.MeetingType | None
) -> Around | None:
    """Refuses callers who may not change this meeting type."""
    check_hosts(caller, before, after)
    return None


BEHAVIOUR: Behaviour[pb.MeetingType] = Behaviour(
    derive=derive, check=check, around=around
)
