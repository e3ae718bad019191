"""The page with the options of a field: labels, colours, archived ones, new ones.

A field has up to 1,000 options, a form fewer inputs: so the page shows some at a time,
and sends those that it does not show as they are.
"""

from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import fields_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from sanic import HTTPResponse

from edge.account.schema.field_types import type_of
from edge.account.schema.found import field_in, fields_of, page_of
from edge.account.schema.reading import read_options
from edge.account.schema.refusals import Refusal, send
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

# Options that a page shows: three inputs each, and a form has at most 100.
SHOWN = 25

_NOTHING = Refusal()


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the options."""
    found, field = await _found(edge, visit)
    return _shown(found, who, field, visit, _values(field))


async def change(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Changes options, or moves the records of one option to another."""
    given = visit.parameters
    found, field = await _found(edge, visit)
    if given.get("replace"):
        return await _replace(edge, visit, who, found, field)
    request = pb.UpdateOwnFieldRequest(
        form_token=given.get("form_token"),
        id=field.id,
        field=fields_pb2.Field(options=_read(field, visit)),
        update_mask=FieldMask(paths=["options"]),
        etag=given.get("etag"),
    )
    done, refusal = await send(edge, visit, request)
    if done is None:
        return _shown(found, who, field, visit, dict(given.values), refusal)
    page_number = f"&page={_page(visit)}" if _page(visit) > 1 else ""
    return see_other(
        f"{page_of(visit)}/fields/{field.id}/options?done=changed{page_number}"
    )


async def _replace(
    edge: Edge,
    visit: Visit,
    who: Session,
    found: pb.ListOwnFieldsResponse,
    field: pb.OwnField,
) -> HTTPResponse:
    given = visit.parameters
    replacement = fields_pb2.ReplaceFieldOptionRequest(
        id=field.id, value=given.get("replace")
    )
    setattr(replacement, "with", given.get("with"))  # a word of Python's own
    request = pb.ReplaceOwnFieldOptionRequest(
        form_token=given.get("form_token"), replacement=replacement
    )
    done, refusal = await send(edge, visit, request)
    if done is None:
        values = _values(field) | dict(given.values)
        return _shown(found, who, field, visit, values, refusal)
    moved = "by_job" if done.by_job else str(done.records)
    return see_other(f"{page_of(visit)}/fields/{field.id}/options?moved={moved}")


async def _found(
    edge: Edge, visit: Visit
) -> tuple[pb.ListOwnFieldsResponse, pb.OwnField]:
    found = await fields_of(edge, visit)
    field = field_in(found, visit)
    if not type_of(field.type).is_choice:
        raise ProblemError("NOT_FOUND", "A field of this type has no options.")
    return found, field


def _read(field: pb.OwnField, visit: Visit) -> list[fields_pb2.FieldOption]:
    """All options: those of the page as they were filled in, the others, new ones."""
    given, options = visit.parameters, list[fields_pb2.FieldOption]()
    for each in field.options:
        option = fields_pb2.FieldOption()
        option.CopyFrom(each)
        if given.get(f"is.{each.value}"):
            option.label = given.get(f"label.{each.value}")
            option.archived = given.get(f"archived.{each.value}") == "on"
        options.append(option)
    return [*options, *read_options(given.get("options"))]


def _values(field: pb.OwnField) -> dict[str, str]:
    values = {f"label.{each.value}": each.label for each in field.options}
    archived = {
        f"archived.{each.value}": "on" for each in field.options if each.archived
    }
    return values | archived | {"etag": field.etag}


def _moved(visit: Visit) -> str:
    """How many records were moved, as the address says: a number, or by a job."""
    text = visit.parameters.get("moved")
    is_number = text.isascii() and text.isdecimal() and len(text) < 8
    return text if is_number or text == "by_job" else ""


def _page(visit: Visit) -> int:
    text = visit.parameters.get("page")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 1


def _shown(
    found: pb.ListOwnFieldsResponse,
    who: Session,
    field: pb.OwnField,
    visit: Visit,
    values: dict[str, Any],
    refusal: Refusal = _NOTHING,
) -> HTTPResponse:
    pages = max(1, -(-len(field.options) // SHOWN))
    number = min(max(_page(visit), 1), pages)
    in_rows = {
        each.value: refusal.faults[f"options.{index}"]
        for index, each in enumerate(field.options)
        if f"options.{index}" in refusal.faults
    }
    return page(
        "schema/field_options",
        status=refusal.status,
        who=who,
        here="schema",
        found=found,
        field=field,
        shown=field.options[(number - 1) * SHOWN : number * SHOWN],
        number=number,
        pages=pages,
        values=values,
        faults=refusal.faults,
        in_rows=in_rows,
        checks=field.state == fields_pb2.FIELD_STATE_CHECKING,
        refusal=refusal,
        done=visit.parameters.get("done"),
        moved=_moved(visit),
    )
