"""Meeting types: who may hold them, and the methods that are not standard."""

from collections.abc import Sequence
from typing import Any

from prospectconnect.scheduling.v1 import meeting_types_pb2 as pb
from prospectconnect.scheduling.v1.schedules_pb2 import Schedule
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.answers.finding import rows_of
from services.caller import Caller, current_call
from services.errors import NotFound, RoleDenied, ValidationFailed
from services.faults import Fault
from services.gates.permissions import check_permission
from services.ids import is_id
from services.meetings import asked, holds
from services.meetings.finding import find
from services.meetings.hold_methods import HoldMethods
from services.records.behaviour import Behaviour
from services.records.commands import Around
from services.records.engine import Records
from services.standard import Kept, standard_methods

AT = "meeting_type.hosts"
_OF_HOURS = "schedule"  # the resource whose permissions hours are read by


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
    return found


class MeetingTypeMethods:
    """Writes meeting types whose hosts there are, and finds slots."""

    def __init__(
        self,
        kept: Kept,
        users: Records[Any],
        schedules: Records[Any],
        bookings: Records[Any],
    ) -> None:
        self._records: Records[pb.MeetingType] = kept.records
        self._users: Records[Any] = users
        self._schedules: Records[Schedule] = schedules
        self._bookings: Records[Any] = bookings
        service = pb.DESCRIPTOR.services_by_name["MeetingTypeService"]
        self._standard = standard_methods(service, kept)
        kept_slots = HoldMethods(kept.records.database, kept.records)
        self.CreateHold, self.GetHold = kept_slots.CreateHold, kept_slots.GetHold
        self.DeleteHold = kept_slots.DeleteHold
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
        but = await self._in_nobodys_way(caller, request)
        database = self._records.database
        return await find(database, caller, meeting, request, duration, but)

    async def _in_nobodys_way(
        self, caller: Caller, request: pb.FindSlotsRequest
    ) -> list[str]:
        """The ids of the booking and the hold whose time counts as free."""
        found = []
        if request.booking_id:
            check_permission(caller, "booking.read")
            try:
                booking = await self._bookings.get(caller, request.booking_id)
            except NotFound:
                raise ValidationFailed([_no_booking()]) from None
            found.append(str(booking.id))
        if request.hold_id:
            database = self._records.database
            hold = await holds.living(database, caller, request.hold_id)
            found += [] if hold is None else [hold.id]
        return found

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
        hosts = request.meeting_type.hosts
        if not hosts or len(hosts) > asked.MOST_HOSTS:
            return []  # too many are another fault
        users = await _rows(self._users, caller, [each.user_id for each in hosts])
        named = [each.schedule_id for each in hosts if each.schedule_id]
        schedules = await _rows(self._schedules, caller, named)
        owners = {row["id"]: row["user_id"] for row in schedules}
        known = {row["id"] for row in users}
        is_alone = _OF_HOURS in caller.own_only
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


def _no_booking() -> Fault:
    message = "There is no such booking."
    return Fault("booking_id", FaultCode.FAULT_CODE_NOT_FOUND, message)


def around(
    caller: Caller, before: pb.MeetingType | None, after: pb.MeetingType | None
) -> Around | None:
    """Refuses callers who see their own hours alone where others are hosts, and ends
    the holds of a type that is deleted.

    Callers would otherwise learn when others are free, and change what invitees are
    told.
    """
    if _OF_HOURS in caller.own_only:
        told = [each for each in (before, after) if each is not None]
        hosts = {host.user_id for each in told for host in each.hosts}
        if not hosts <= {caller.user_id, ""}:
            message = "Users other than you hold these meetings."
            raise RoleDenied(message, "meeting_type.write")
    if before is not None and after is None:
        return Around(after=[holds.end_of_type(caller.business_id, before.id)])
    return None


BEHAVIOUR: Behaviour[pb.MeetingType] = Behaviour(
    derive=derive, check=check, around=around
)
