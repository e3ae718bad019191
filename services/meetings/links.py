"""Links: addresses at which people book meetings of a type, each for some of them.

An address is kept as a hash alone. A booking uses its link up in its own transaction,
so however many come at once, no more are made than the link allows.
"""

from typing import Any

import orjson
from google.protobuf.empty_pb2 import Empty
from prospectconnect.scheduling.v1 import links_pb2 as pb
from prospectconnect.scheduling.v1.meeting_types_pb2 import MeetingType
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller, current_call
from services.clock import from_timestamp, now, to_timestamp
from services.errors import NotFound, ValidationFailed, WrongState
from services.faults import Fault
from services.iam.bearer import hash_of, new_secret, read_secret
from services.ids import is_id, new_id
from services.kinds.custom_fields import Json, to_json, to_value
from services.meetings import answers
from services.meetings.owning import check_hosts
from services.postgres.database import Database, Row, Transaction
from services.records.engine import Records
from services.sealed.cursors import Cursors

# What the secret of a link begins with.
LINK = "pcl_"
MOST_LINKS = 10_000
_DEFAULT_PAGE = 25

# Links of a type that are made at once wait for each other, so that none is too many.
_LOCK = """
SELECT 1 FROM meeting_types
WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE
"""
_STANDS = """
ended_at IS NULL AND (max_uses IS NULL OR uses < max_uses)
  AND (expires_at IS NULL OR expires_at > $3)
"""
_COUNT = f"""
SELECT count(*) FROM meeting_links
WHERE business_id = $1 AND meeting_type_id = $2 AND {_STANDS}
"""
_ADD = """
INSERT INTO meeting_links (business_id, id, meeting_type_id, hash, max_uses,
  expires_at, answers, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_COLUMNS = "id, max_uses, uses, expires_at, answers, created_at, created_by"
_LIST = f"""
SELECT {_COLUMNS} FROM meeting_links
WHERE business_id = $1 AND meeting_type_id = $2 AND {_STANDS}
  AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6::text))
ORDER BY created_at DESC, id DESC LIMIT $4
"""
_END = f"""
UPDATE meeting_links SET ended_at = $3
WHERE business_id = $1 AND meeting_type_id = $2 AND id = $4 AND {_STANDS}
RETURNING id
"""
_FIND = f"""
SELECT id, meeting_type_id, answers FROM meeting_links
WHERE business_id = $1 AND hash = $2 AND {_STANDS}
"""
_FIND_USED = """
SELECT id, meeting_type_id, answers FROM meeting_links
WHERE business_id = $1 AND hash = $2 AND ended_at IS NULL
  AND (expires_at IS NULL OR expires_at > $3)
"""
_USE = f"""
UPDATE meeting_links SET uses = uses + 1
WHERE business_id = $1 AND meeting_type_id = $2 AND id = $4 AND {_STANDS}
RETURNING id
"""
_SLUG = "SELECT slug FROM tenants WHERE business_id = $1"


class MeetingLinkMethods:
    """The methods of `MeetingLinkService`, as the proto describes them."""

    def __init__(
        self, database: Database, types: Records[MeetingType], cursors: Cursors
    ) -> None:
        self._database, self._types, self._cursors = database, types, cursors

    async def CreateMeetingLink(
        self, request: pb.CreateMeetingLinkRequest, _: Any
    ) -> pb.MeetingLink:
        caller, moment = current_call().caller, now()
        meeting = await self._types.get(caller, request.id)
        check_hosts(caller, meeting)
        begun, faults = answers.known_of(meeting, request.answers)
        ends_at = None
        if request.HasField("expires_at"):
            ends_at = from_timestamp(request.expires_at)
            if ends_at <= moment:
                code = FaultCode.FAULT_CODE_INVALID
                faults.append(Fault("expires_at", code, "Give a moment to come."))
        if faults:
            raise ValidationFailed(faults)
        secret, link_id = new_secret(caller.business_id, LINK), new_id("lnk_")
        most = request.max_uses if request.HasField("max_uses") else None
        its = caller.business_id, meeting.id

        async def make(transaction: Transaction) -> str:
            if await transaction.row(_LOCK, *its) is None:
                raise NotFound
            counted = await transaction.row(_COUNT, *its, moment)
            if counted is not None and counted[0] >= MOST_LINKS:
                raise WrongState(f"The meeting type has {MOST_LINKS} links already.")
            values = hash_of(secret), most, ends_at, to_json(begun), moment
            whose = caller.business_id, link_id, meeting.id
            await transaction.run(_ADD, *whose, *values, caller.user_id)
            row = await transaction.row(_SLUG, caller.business_id)
            return str(row[0] if row is not None and row[0] else "")

        slug = await self._database.in_transaction(make)
        if not slug:
            raise WrongState("The account has no name in addresses. Set its slug.")
        its_answers = to_json(begun)
        made = _told((link_id, most, 0, ends_at, its_answers, moment, caller.user_id))
        made.meeting_type_id = meeting.id
        made.url = f"/book/{slug}/l/{secret}"
        return made

    async def SearchMeetingLinks(
        self, request: pb.SearchMeetingLinksRequest, _: Any
    ) -> pb.SearchMeetingLinksResponse:
        caller, limit = current_call().caller, request.limit or _DEFAULT_PAGE
        meeting = await self._types.get(caller, request.id)
        after: tuple[int | None, str | None] = None, None
        if request.cursor:
            moment, last = self._cursors.open(caller, request)
            after = int(moment), last
        its = caller.business_id, meeting.id, now(), limit + 1
        rows = await self._database.rows(_LIST, *its, *after)
        answer = pb.SearchMeetingLinksResponse(data=map(_told, rows[:limit]))
        for each in answer.data:
            each.meeting_type_id = meeting.id
        answer.meta.cursor.has_more = len(rows) > limit
        if len(rows) > limit:
            row = rows[limit - 1]
            position = str(row[5]), row[0]
            answer.meta.cursor.next = self._cursors.seal(caller, request, position)
        return answer

    async def DeleteMeetingLink(
        self, request: pb.DeleteMeetingLinkRequest, _: Any
    ) -> Empty:
        caller = current_call().caller
        meeting = await self._types.get(caller, request.id)
        check_hosts(caller, meeting)
        if not is_id("lnk_", request.link_id):
            raise NotFound
        its = caller.business_id, meeting.id, now(), request.link_id
        if await self._database.row(_END, *its) is None:
            raise NotFound
        return Empty()


async def find(
    database: Database, business_id: str, secret: str, *, used: bool = False
) -> Row:
    """The id, the meeting type and the answers of a link. Raises `NotFound`.

    `used`: also of one that is used up; a booking by it looks again.
    """
    read = read_secret(secret, LINK)
    row = None
    if read is not None and read.business_id == business_id:
        sql = _FIND_USED if used else _FIND
        row = await database.row(sql, business_id, read.hash, now())
    if row is None:
        raise NotFound
    return row


async def use(
    database: Database, caller: Caller, link_id: str, meeting_id: str
) -> None:
    """Uses a link up by one. Raises `WrongState` if it has ended."""
    if not link_id:
        return
    its = caller.business_id, meeting_id, now(), link_id
    if await database.row(_USE, *its) is None:
        raise WrongState("The link has ended.")


def _told(row: Any) -> pb.MeetingLink:
    link_id, most, uses, ends_at, begun, created_at, created_by = row
    link = pb.MeetingLink(id=link_id, uses=uses, max_uses=most, created_by=created_by)
    link.created_at.CopyFrom(to_timestamp(created_at))
    if ends_at is not None:
        link.expires_at.CopyFrom(to_timestamp(ends_at))
    for key, value in answers_of(begun).items():
        link.answers.fields[key].CopyFrom(to_value(value))
    link.answers.SetInParent()
    return link


def answers_of(stored: Any) -> dict[str, Json]:
    """Answers as the database gives them."""
    if isinstance(stored, str | bytes):
        return dict(orjson.loads(stored))
    return dict(stored)
