"""A tenant's types of record and their fields, and what a click does with them."""

from typing import Any

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from prospectconnect.schema.v1.fields_pb2 import FieldType
from sanic import HTTPResponse

from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

# More records than this are not counted.
MOST_COUNTED = 10_000

_PREFIX = "FIELD_TYPE_"


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the types of record."""
    found = await ask(edge, visit, pb.ListOwnObjectsRequest())
    return page("schema/objects", who=who, here="schema", objects=found.objects)


async def show_object(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the fields of a type of record."""
    return await listed(edge, visit, who)


async def listed(
    edge: Edge, visit: Visit, who: Session, refusal: str = ""
) -> HTTPResponse:
    """The list, with a notice of what was done, or of why something was not."""
    found = await fields_of(edge, visit)
    return page(
        "schema/object",
        status=409 if refusal else 200,
        who=who,
        here="schema",
        found=found,
        live=[each for each in found.fields if not each.archived],
        gone=[each for each in found.fields if each.archived],
        done=visit.parameters.get("done"),
        refusal=refusal,
        most=MOST_COUNTED,
        name_of=name_of,
    )


async def change_object(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Opens or closes a type of record, or brings an archived field back."""
    given, slug = visit.parameters, visit.path_values["slug"]
    form_token = given.get("form_token")
    request: Any
    if field_id := given.get("restore"):
        request = pb.ArchiveOwnFieldRequest(form_token=form_token, id=field_id)
        done = "restored"
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
    try:
        await ask(edge, visit, request)
    except ProblemError as problem:
        if problem.kind.status not in (409, 422):
            raise
        return await listed(edge, visit, who, problem.detail)
    return see_other(f"{addresses.SCHEMA}/{visit.path_values['slug']}?done={done}")


async def fields_of(edge: Edge, visit: Visit) -> pb.ListOwnFieldsResponse:
    """The type of record that the address names, with its fields."""
    request = pb.ListOwnFieldsRequest(slug=visit.path_values["slug"])
    found: pb.ListOwnFieldsResponse = await ask(edge, visit, request)
    return found


def field_in(found: pb.ListOwnFieldsResponse, visit: Visit) -> pb.OwnField:
    """The field that the address names. Raises NOT_FOUND if there is none."""
    for each in found.fields:
        if each.id == visit.path_values["field_id"]:
            return each
    raise ProblemError("NOT_FOUND", "There is no such field.")


def name_of(number: int) -> str:
    """A type as people read it: `Long text`."""
    name = FieldType.Name(number).removeprefix(_PREFIX)  # type: ignore[arg-type]  # a type's number
    return name.replace("_", " ").capitalize()
