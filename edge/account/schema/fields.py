"""The fields of a type of record: the list, and what a click does with them."""

from typing import Any

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from prospectconnect.schema.v1.fields_pb2 import FIELD_STATE_CHECKING
from sanic import HTTPResponse

from edge.account.schema.field_types import type_of
from edge.account.schema.found import check_writes, field_in, fields_of, page_of
from edge.account.schema.jobs import DOES, STATES, runs
from edge.account.schema.refusals import Refusal, send
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

_NOTHING = Refusal()


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the fields."""
    return await _listed(edge, visit, who)


async def _listed(
    edge: Edge, visit: Visit, who: Session, refusal: Refusal = _NOTHING
) -> HTTPResponse:
    """The list, with a notice of what was done, or of why something was not."""
    found = await fields_of(edge, visit)
    return page(
        "schema/object",
        status=refusal.status,
        who=who,
        here="schema",
        found=found,
        live=[each for each in found.fields if not each.archived],
        gone=[each for each in found.fields if each.archived],
        done=visit.parameters.get("done"),
        refusal=refusal,
        faults=refusal.faults,
        type_of=type_of,
        checking=FIELD_STATE_CHECKING,
        runs=runs,
        does=DOES,
        states=STATES,
    )


async def change_object(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Opens or closes the type of record, restores a field, or cancels a job."""
    given, slug = visit.parameters, visit.path_values["slug"]
    form_token = given.get("form_token")
    request: Any
    if field_id := given.get("restore"):
        request = pb.ArchiveOwnFieldRequest(form_token=form_token, id=field_id)
        done = "restored"
    elif job_id := given.get("cancel"):
        request = pb.CancelOwnJobRequest(form_token=form_token, id=job_id)
        done = "cancelled"
    else:
        is_open = given.get("open") == "yes"
        request = pb.OpenOwnObjectRequest(
            form_token=form_token, slug=slug, open=is_open
        )
        done = "opened" if is_open else "closed"
    return await _do(edge, visit, who, request, done)


async def ask_to_archive(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to archive a field."""
    found = await fields_of(edge, visit)
    check_writes(found.writable, who)
    field = field_in(found, visit)
    return page(
        "schema/field_archive", who=who, here="schema", found=found, field=field
    )


async def archive(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Archives a field."""
    request = pb.ArchiveOwnFieldRequest(
        form_token=visit.parameters.get("form_token"),
        id=visit.path_values["field_id"],
        archived=True,
    )
    return await _do(edge, visit, who, request, "archived")


async def _do(
    edge: Edge, visit: Visit, who: Session, request: Any, done: str
) -> HTTPResponse:
    answer, refusal = await send(edge, visit, request)
    if answer is None:
        return await _listed(edge, visit, who, refusal)
    return see_other(f"{page_of(visit)}?done={done}")
