"""The types of record: the list, new ones, their labels; archived and restored."""

from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from prospectconnect.schema.v1.objects_pb2 import ObjectType
from sanic import HTTPResponse

from edge.account.schema.found import check_writes, fields_of, page_of
from edge.account.schema.refusals import Refusal, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_LABELS = ("singular_label", "plural_label", "description")
_NOTHING = Refusal()


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the types of record."""
    return await _listed(edge, visit, who)


async def restore(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Brings an archived type of record back."""
    slug = visit.parameters.get("restore")
    request = pb.ArchiveOwnObjectRequest(
        form_token=visit.parameters.get("form_token"), slug=slug
    )
    done, refusal = await send(edge, visit, request)
    if done is None:
        return await _listed(edge, visit, who, refusal)
    return see_other(f"{addresses.SCHEMA}?done=restored")


async def _listed(
    edge: Edge, visit: Visit, who: Session, refusal: Refusal = _NOTHING
) -> HTTPResponse:
    found = await ask(edge, visit, pb.ListOwnObjectsRequest())
    return page(
        "schema/objects",
        status=refusal.status,
        who=who,
        here="schema",
        live=[each for each in found.objects if not each.is_archived],
        gone=[each for each in found.objects if each.is_archived],
        writable=found.writable,
        done=visit.parameters.get("done"),
        refusal=refusal,
        faults=refusal.faults,
    )


async def show_new(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form for a new type of record."""
    listed = await ask(edge, visit, pb.ListOwnObjectsRequest())
    check_writes(listed.writable, who)
    return _form(who, {"open": "yes"})


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Creates the type of record, or shows the form again with its faults."""
    given = visit.parameters
    made = _read(visit)
    made.slug, made.open = given.get("slug").strip(), given.get("open") == "yes"
    request = pb.CreateOwnObjectRequest(form_token=given.get("form_token"), object=made)
    done, refusal = await send(edge, visit, request)
    if done is None:
        return _form(who, dict(given.values), refusal)
    return see_other(f"{addresses.SCHEMA}/{made.slug}?done=created")


async def show_labels(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form with the labels of a type of record."""
    found = await _custom(edge, visit, who)
    values = {name: getattr(found, name) for name in _LABELS}
    return _form(who, values | {"etag": found.etag}, found=found)


async def change_labels(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Changes the labels, or shows the form again with its faults."""
    given = visit.parameters
    request = pb.UpdateOwnObjectRequest(
        form_token=given.get("form_token"),
        slug=visit.path_values["slug"],
        object=_read(visit),
        update_mask=FieldMask(paths=_LABELS),
        etag=given.get("etag"),
    )
    done, refusal = await send(edge, visit, request)
    if done is None:
        found = await _custom(edge, visit, who)
        return _form(who, dict(given.values), refusal, found)
    return see_other(f"{page_of(visit)}?done=labelled")


async def ask_to_archive(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to archive a type of record."""
    return await _ask(edge, visit, who)


async def archive(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Archives a type of record, or says what leads to its records."""
    request = pb.ArchiveOwnObjectRequest(
        form_token=visit.parameters.get("form_token"),
        slug=visit.path_values["slug"],
        archived=True,
    )
    done, refusal = await send(edge, visit, request)
    if done is None:
        return await _ask(edge, visit, who, refusal)
    return see_other(f"{addresses.SCHEMA}?done=archived")


async def _ask(
    edge: Edge, visit: Visit, who: Session, refusal: Refusal = _NOTHING
) -> HTTPResponse:
    found = await _custom(edge, visit, who)
    return page(
        "schema/object_archive",
        status=refusal.status,
        who=who,
        here="schema",
        found=found,
        refusal=refusal,
        faults=refusal.faults,
    )


async def _custom(edge: Edge, visit: Visit, who: Session) -> pb.OwnObject:
    """The type of record that the address names, which the user may change."""
    listed = await fields_of(edge, visit)
    check_writes(listed.writable, who)
    found = listed.object
    if found.built_in:
        raise ProblemError("NOT_FOUND", "A built-in object stays as it is.")
    return found


def _read(visit: Visit) -> ObjectType:
    """The labels in a form."""
    read = ObjectType()
    for name in _LABELS:
        if text := visit.parameters.get(name).strip():
            setattr(read, name, text)
    return read


def _form(
    who: Session,
    values: dict[str, str],
    refusal: Refusal = _NOTHING,
    found: pb.OwnObject | None = None,
) -> HTTPResponse:
    return page(
        "schema/object_form",
        status=refusal.status,
        who=who,
        here="schema",
        found=found,
        values=values,
        refusal=refusal,
        faults=refusal.faults,
    )
