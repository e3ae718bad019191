"""The association types: the list, new ones, their labels; archived and restored."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import association_types_pb2 as types_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from sanic import HTTPResponse

from edge.account.schema.found import check_writes, type_in
from edge.account.schema.refusals import Refusal, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_LABELS = ("label", "inverse_label")
_NUMBERS: Mapping[str, types_pb2.Cardinality.ValueType] = MappingProxyType(
    {
        "many_to_many": types_pb2.CARDINALITY_MANY_TO_MANY,
        "one_to_many": types_pb2.CARDINALITY_ONE_TO_MANY,
        "one_to_one": types_pb2.CARDINALITY_ONE_TO_ONE,
    }
)
# The cardinalities in words, that of built-in types included.
WORDS: Mapping[int, str] = MappingProxyType(
    {
        types_pb2.CARDINALITY_MANY_TO_MANY: "many to many",
        types_pb2.CARDINALITY_ONE_TO_MANY: "one to many",
        types_pb2.CARDINALITY_ONE_TO_ONE: "one to one",
        types_pb2.CARDINALITY_MANY_TO_ONE: "many to one",
    }
)
_NOTHING = Refusal()


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the types."""
    return await _listed(edge, visit, who)


async def restore(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Brings an archived type back."""
    request = pb.ArchiveOwnAssociationTypeRequest(
        form_token=visit.parameters.get("form_token"),
        id=visit.parameters.get("restore"),
    )
    return await _do(edge, visit, who, request, "restored")


async def ask_to_archive(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to archive a type."""
    found, its = await _own(edge, visit, who)
    names = _names(found)
    return page(
        "schema/association_archive", who=who, here="schema", its=its, names=names
    )


async def archive(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Archives a type."""
    request = pb.ArchiveOwnAssociationTypeRequest(
        form_token=visit.parameters.get("form_token"),
        id=visit.path_values["type_id"],
        archived=True,
    )
    return await _do(edge, visit, who, request, "archived")


async def _do(
    edge: Edge, visit: Visit, who: Session, request: Any, done: str
) -> HTTPResponse:
    answer, refusal = await send(edge, visit, request)
    if answer is None:
        return await _listed(edge, visit, who, refusal)
    return see_other(f"{addresses.ASSOCIATIONS}?done={done}")


async def _listed(
    edge: Edge, visit: Visit, who: Session, refusal: Refusal = _NOTHING
) -> HTTPResponse:
    found = await ask(edge, visit, pb.ListOwnAssociationTypesRequest())
    live = [each for each in found.types if not each.archived]
    return page(
        "schema/associations",
        status=refusal.status,
        who=who,
        here="schema",
        own=[each for each in live if not each.built_in],
        built_in=[each for each in live if each.built_in],
        gone=[each for each in found.types if each.archived],
        writable=found.writable,
        names=_names(found),
        words=WORDS,
        done=visit.parameters.get("done"),
        refusal=refusal,
        faults=refusal.faults,
    )


async def show_new(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form for a new type."""
    return await _form(edge, visit, who, {"cardinality": "many_to_many"})


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Creates the type, or shows the form again with its faults."""
    given = visit.parameters
    made = _read(visit)
    for name in ("key", "from_object", "to_object"):
        setattr(made, name, given.get(name).strip())
    if cardinality := _NUMBERS.get(given.get("cardinality")):
        made.cardinality = cardinality
    request = pb.CreateOwnAssociationTypeRequest(
        form_token=given.get("form_token"), association_type=made
    )
    done, refusal = await send(edge, visit, request)
    if done is None:
        return await _form(edge, visit, who, dict(given.values), refusal)
    return see_other(f"{addresses.ASSOCIATIONS}?done=created")


async def show_labels(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form with the labels of a type."""
    _, its = await _own(edge, visit, who)
    values = {name: getattr(its, name) for name in _LABELS}
    return await _form(edge, visit, who, values | {"etag": its.etag})


async def change_labels(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Changes the labels, or shows the form again with its faults."""
    given = visit.parameters
    request = pb.UpdateOwnAssociationTypeRequest(
        form_token=given.get("form_token"),
        id=visit.path_values["type_id"],
        association_type=_read(visit),
        update_mask=FieldMask(paths=_LABELS),
        etag=given.get("etag"),
    )
    done, refusal = await send(edge, visit, request)
    if done is None:
        return await _form(edge, visit, who, dict(given.values), refusal)
    return see_other(f"{addresses.ASSOCIATIONS}?done=labelled")


async def _own(
    edge: Edge, visit: Visit, who: Session
) -> tuple[pb.ListOwnAssociationTypesResponse, pb.OwnAssociationType]:
    """The type that the address names, which the user may change."""
    found = await ask(edge, visit, pb.ListOwnAssociationTypesRequest())
    check_writes(found.writable, who)
    its = type_in(found, visit)
    if its.built_in:
        raise ProblemError("NOT_FOUND", "A built-in type stays as it is.")
    return found, its


def _read(visit: Visit) -> types_pb2.AssociationType:
    """The labels in a form."""
    read = types_pb2.AssociationType()
    for name in _LABELS:
        if text := visit.parameters.get(name).strip():
            setattr(read, name, text)
    return read


def _names(found: pb.ListOwnAssociationTypesResponse) -> dict[str, str]:
    """What people call the records, by slug."""
    return {each.slug: each.plural_label for each in found.objects}


async def _form(
    edge: Edge,
    visit: Visit,
    who: Session,
    values: dict[str, str],
    refusal: Refusal = _NOTHING,
) -> HTTPResponse:
    found = await ask(edge, visit, pb.ListOwnAssociationTypesRequest())
    check_writes(found.writable, who)
    live = [each for each in found.objects if not each.is_archived]
    return page(
        "schema/association_form",
        status=refusal.status,
        who=who,
        here="schema",
        its=type_in(found, visit) if "type_id" in visit.path_values else None,
        objects={"": "Choose", **{each.slug: each.plural_label for each in live}},
        names=_names(found),
        words=WORDS,
        values=values,
        refusal=refusal,
        faults=refusal.faults,
    )
