"""What the address of a page names: a type of record, a field, an association type."""

from collections.abc import Iterable
from typing import TypeVar

from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import own_schema_pb2 as pb

from edge.account.user import ask
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.visit import Visit

_Listed = TypeVar("_Listed", pb.OwnField, pb.OwnAssociationType)


async def fields_of(edge: Edge, visit: Visit) -> pb.ListOwnFieldsResponse:
    """The type of record that the address names, with its fields."""
    request = pb.ListOwnFieldsRequest(slug=visit.path_values["slug"])
    found: pb.ListOwnFieldsResponse = await ask(edge, visit, request)
    return found


def field_in(found: pb.ListOwnFieldsResponse, visit: Visit) -> pb.OwnField:
    """The field that the address names. Raises NOT_FOUND if there is none."""
    return _with_id(found.fields, visit.path_values["field_id"], "field")


def type_in(
    found: pb.ListOwnAssociationTypesResponse, visit: Visit
) -> pb.OwnAssociationType:
    """The type that the address names. Raises NOT_FOUND if there is none."""
    return _with_id(found.types, visit.path_values["type_id"], "association type")


def check_writes(writable: bool, who: Session) -> None:
    """Raises ROLE_DENIED if the user's role may not change the schema."""
    if not writable:
        detail = f"Your role, {who.user.role}, may not change the schema."
        raise ProblemError("ROLE_DENIED", detail)


def _with_id(listed: Iterable[_Listed], sought: str, words: str) -> _Listed:
    for each in listed:
        if each.id == sought:
            return each
    raise ProblemError("NOT_FOUND", f"There is no such {words}.")


def page_of(visit: Visit) -> str:
    """The address of the page of the type of record."""
    return f"{addresses.SCHEMA}/{visit.path_values['slug']}"
