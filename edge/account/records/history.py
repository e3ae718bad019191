"""The history of a record: its changes, and how a deleted record comes back."""

from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode

from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.iam.v1.users_pb2 import GetUserRequest
from sanic import HTTPResponse

from edge.account.records.refused import Refused, of_problem, send
from edge.account.records.values import changes_of
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.problems import Fault, ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_MOST_ID, _MOST_FIELD = 64, 150
_NOTHING = Refused()
# What the form keeps, and the links to further pages.
_KEPT = ("id", "fields", "from", "to")


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the history of the record that the query names, if it names one.

    Its parameters are `id`, `fields` (one field), `from` and `to` (days), `cursor`.
    """
    return await _shown(edge, visit, who)


async def restore(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Brings a deleted record back."""
    given, record_id = visit.parameters, _record_id(visit)
    request = pb.RestoreOwnRecordRequest(
        form_token=given.get("form_token"), id=record_id
    )
    done, refused = await send(edge, visit, request)
    if done is None:
        return await _shown(edge, visit, who, refused)
    query = urlencode({"id": record_id, "done": "restored"})
    return see_other(f"{addresses.HISTORY}?{query}")


async def _shown(
    edge: Edge, visit: Visit, who: Session, refused: Refused = _NOTHING
) -> HTTPResponse:
    given, found, erased = visit.parameters, None, None
    if _record_id(visit):
        try:
            found = await ask(edge, visit, _request(visit))
        except ProblemError as problem:
            if problem.kind.status not in (404, 410, 422):
                raise
            refused = of_problem(problem)
            if problem.reason == "GONE":
                erased = await _erased(edge, visit, problem)
    values = {name: text for name in _KEPT if (text := given.get(name))}
    return page(
        "records/history",
        status=refused.status,
        who=who,
        here="history",
        values=values | {"id": _record_id(visit)},
        found=found,
        changes=[] if found is None else changes_of(found),
        erased=erased,
        refused=refused,
        cursor=given.get("cursor"),
        done=given.get("done"),
        query=urlencode,
    )


def _record_id(visit: Visit) -> str:
    return visit.parameters.get("id").strip()[:_MOST_ID]


def _request(visit: Visit) -> pb.ReadOwnHistoryRequest:
    """The request for a page. Raises VALIDATION_FAILED for what is not a day."""
    given = visit.parameters
    field = given.get("fields").strip()[:_MOST_FIELD]
    moments = {
        name: moment
        for name, of_day in (("from", time.min), ("to", time.max))
        if (moment := _moment(given.get(name), name, of_day)) is not None
    }
    told: dict[str, Any] = {"fields": [field] if field else [], **moments}
    return pb.ReadOwnHistoryRequest(
        id=_record_id(visit), cursor=given.get("cursor"), **told
    )


def _moment(text: str, name: str, of_day: time) -> Timestamp | None:
    """The begin or the end of a day, in UTC."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        fault = Fault(name, "invalid_type", "Give a day such as 2026-11-05.")
        detail, members = fault.message, {"errors": [fault]}
        raise ProblemError("VALIDATION_FAILED", detail, {}, members) from None
    moment = Timestamp()
    moment.FromDatetime(datetime.combine(day, of_day, UTC))
    return moment


async def _erased(
    edge: Edge, visit: Visit, problem: ProblemError
) -> dict[str, str | Timestamp]:
    """What remains of an erased record: when it was erased, by whom and why."""
    members, at = problem.members, Timestamp()
    at.FromJsonString(members["erased_at"])
    user_id = members["erased_by"]
    try:
        name = (await ask(edge, visit, GetUserRequest(id=user_id))).name
    except ProblemError:
        name = ""
    return {"at": at, "by": name or user_id, "reason": members["reason"]}
