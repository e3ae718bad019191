"""The forms that define a field and change it: the type first, then what it has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import fields_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from sanic import HTTPResponse

from edge.account.schema.field_types import (
    TYPES,
    TypeOfField,
    grouped,
    number_of,
    type_of,
)
from edge.account.schema.found import check_writes, field_in, fields_of, page_of
from edge.account.schema.jobs import STATES, has_begun, job_on, runs
from edge.account.schema.reading import changed_by, read_field, values_of
from edge.account.schema.refusals import Refusal, send
from edge.oauth.authorize import see_other
from edge.problems import Fault, ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "required": "Every new record needs a value",
        "unique": "No two records have the same value",
        "searchable": "Searches by words look through it",
    }
)
_EXISTING = {
    "refuse": fields_pb2.EXISTING_VALUES_REFUSE,
    "convert": fields_pb2.EXISTING_VALUES_CONVERT,
    "clear": fields_pb2.EXISTING_VALUES_CLEAR,
}
_NOTHING = Refusal()


async def show_new(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lets the user choose a type, then shows the form for a field of it."""
    found = await fields_of(edge, visit)
    check_writes(found.writable, who)
    kind = TYPES.get(visit.parameters.get("type"))
    if kind is None:
        return _choice(found, who)
    return _form(found, who, kind, {"existing": "refuse"})


def _choice(found: pb.ListOwnFieldsResponse, who: Session) -> HTTPResponse:
    return page(
        "schema/field_types", who=who, here="schema", found=found, groups=grouped()
    )


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form that changes a field."""
    found = await fields_of(edge, visit)
    field = field_in(found, visit)
    return _form(found, who, type_of(field.type), values_of(field), field)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Defines the field, or shows the form again with its faults."""
    given, faults = visit.parameters, list[Fault]()
    kind = TYPES.get(given.get("type"))
    if kind is None:
        raise ProblemError("BAD_REQUEST", "The form names no type of field.")
    field = read_field(given, kind, faults)
    field.object, field.key = visit.path_values["slug"], given.get("key").strip()
    field.type = number_of(kind.name)
    request = pb.CreateOwnFieldRequest(
        form_token=given.get("form_token"),
        field=field,
        existing=_existing(given.get("existing")),
    )
    found = await fields_of(edge, visit)
    refusal = await _refusal(edge, visit, request, faults)
    if refusal is not None:
        return _form(found, who, kind, dict(given.values), refusal=refusal)
    return await _done(edge, visit, found, field.key, "defined")


async def update(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Changes the field, or shows the form again with its faults."""
    given, faults = visit.parameters, list[Fault]()
    found = await fields_of(edge, visit)
    before = field_in(found, visit)
    kind = type_of(before.type)
    field = read_field(given, kind, faults)
    request = pb.UpdateOwnFieldRequest(
        form_token=given.get("form_token"),
        id=before.id,
        field=field,
        update_mask=FieldMask(paths=changed_by(kind)),
        etag=given.get("etag"),
        existing=_existing(given.get("existing")),
    )
    refusal = await _refusal(edge, visit, request, faults)
    if refusal is not None:
        return _form(found, who, kind, dict(given.values), before, refusal)
    return await _done(edge, visit, found, before.key, "changed")


async def _done(
    edge: Edge, visit: Visit, before: pb.ListOwnFieldsResponse, key: str, done: str
) -> HTTPResponse:
    """Goes to the list, which says that it is done, or that a job does it."""
    after = await fields_of(edge, visit)
    done = "by_job" if has_begun(before, after, key) else done
    return see_other(f"{page_of(visit)}?done={done}")


def _existing(name: str) -> fields_pb2.ExistingValues.ValueType | None:
    """What happens to values that do not fit. Raises BAD_REQUEST for a forged form."""
    if name and name not in _EXISTING:
        raise ProblemError("BAD_REQUEST", "The form names no choice for values.")
    return _EXISTING.get(name)


async def _refusal(
    edge: Edge, visit: Visit, request: Any, faults: list[Fault]
) -> Refusal | None:
    """Sends a definition on. Returns why it is refused, or None."""
    done, refusal = await send(edge, visit, request, faults)
    return refusal if done is None else None


def _form(
    found: pb.ListOwnFieldsResponse,
    who: Session,
    kind: TypeOfField,
    values: dict[str, str],
    field: pb.OwnField | None = None,
    refusal: Refusal = _NOTHING,
) -> HTTPResponse:
    """The form: as it was sent, or with what the field has now."""
    return page(
        "schema/field",
        status=refusal.status,
        who=who,
        here="schema",
        found=found,
        field=field,
        kind=kind,
        values=values,
        faults=refusal.faults,
        refusal=refusal,
        flags=FLAGS,
        changes=[type_of(each) for each in field.changes_to] if field else [],
        checks=field is not None and field.state == fields_pb2.FIELD_STATE_CHECKING,
        last=job_on(found, field) if field else None,
        runs=runs,
        states=STATES,
    )
