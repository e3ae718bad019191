"""The page that changes the type of a field. It shows what a change would do first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.struct_pb2 import Struct, Value
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import fields_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from sanic import HTTPResponse

from edge.account.schema.field_types import TYPES, TypeOfField, number_of, type_of
from edge.account.schema.found import field_in, fields_of, page_of
from edge.account.schema.reading import read_options, written
from edge.account.schema.refusals import Refusal, send
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

# The names of the inputs for a value that has no conversion, and for its stand-in.
_FROM, _TO = "from.", "to."
_ON_CONFLICT = {
    "refuse": fields_pb2.ON_CONFLICT_REFUSE,
    "clear": fields_pb2.ON_CONFLICT_CLEAR,
    "map": fields_pb2.ON_CONFLICT_MAP,
}
_NOTHING = Refusal()


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form as it was sent, and what the change would do if that is known."""

    kind: TypeOfField
    values: Mapping[str, str]
    looked: pb.ChangeOwnFieldResponse | None = None


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lets the user choose the new type."""
    found = await fields_of(edge, visit)
    return _shown(found, who, field_in(found, visit))


async def change(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows what a change would do, or makes it."""
    given = visit.parameters
    found = await fields_of(edge, visit)
    field = field_in(found, visit)
    kind = next((e for e in _possible(field) if e.name == given.get("to")), None)
    if kind is None:
        return _shown(found, who, field)
    sent = _Sent(kind, given.values)
    if kind.is_choice and not field.options and not given.get("options").strip():
        if not given.get("step"):
            return _shown(found, who, field, sent)
        refusal = Refusal(status=400, faults={"options": "Give at least one option."})
        return _shown(found, who, field, sent, refusal)
    looked, refusal = await send(edge, visit, _request(visit, field, kind, looks=True))
    sent = _Sent(kind, given.values, looked)
    if looked is None or given.get("step") != "change":
        return _shown(found, who, field, sent, refusal)
    done, refusal = await send(edge, visit, _request(visit, field, kind, looks=False))
    if done is None:
        return _shown(found, who, field, sent, refusal)
    return see_other(f"{page_of(visit)}?done=changed")


def _possible(field: pb.OwnField) -> Sequence[TypeOfField]:
    possible = {type_of(each).name for each in field.changes_to}
    return [each for name, each in TYPES.items() if name in possible]


def _request(
    visit: Visit, field: pb.OwnField, kind: TypeOfField, *, looks: bool
) -> pb.ChangeOwnFieldRequest:
    given = visit.parameters
    change = fields_pb2.ChangeFieldRequest(
        id=field.id, type=number_of(kind.name), etag=given.get("etag")
    )
    if kind.is_choice and not field.options:
        change.options.extend(read_options(given.get("options")))
    if not looks:
        change.on_conflict = _ON_CONFLICT.get(
            given.get("on_conflict"), fields_pb2.ON_CONFLICT_REFUSE
        )
        if change.on_conflict == fields_pb2.ON_CONFLICT_MAP:
            change.map.CopyFrom(_map(given.values, kind))
    return pb.ChangeOwnFieldRequest(
        form_token=given.get("form_token"), change=change, only_look=looks
    )


def _map(values: Mapping[str, str], kind: TypeOfField) -> Struct:
    """The stand-ins that were given for values that have no conversion."""
    read = Struct()
    for name, value in values.items():
        stand_in = values.get(f"{_TO}{name.removeprefix(_FROM)}", "").strip()
        if name.startswith(_FROM) and stand_in:
            read.fields[value].CopyFrom(_stand_in(stand_in, kind.name))
    return read


def _stand_in(text: str, of_type: str) -> Value:
    if of_type in ("integer", "decimal"):
        try:
            return Value(number_value=float(text))
        except ValueError:
            return Value(string_value=text)
    if of_type == "boolean" and text.lower() in ("true", "false"):
        return Value(bool_value=text.lower() == "true")
    return Value(string_value=text)


def _shown(
    found: pb.ListOwnFieldsResponse,
    who: Session,
    field: pb.OwnField,
    sent: _Sent | None = None,
    refusal: Refusal = _NOTHING,
) -> HTTPResponse:
    looked = sent.looked if sent else None
    sample = {written(each.value): each.id for each in looked.sample} if looked else {}
    given = sent.values if sent else {}
    return page(
        "schema/field_type",
        status=refusal.status,
        who=who,
        here="schema",
        found=found,
        field=field,
        before=type_of(field.type),
        possible=_possible(field),
        kind=sent.kind if sent else None,
        values={"etag": field.etag, "on_conflict": "refuse", **given},
        looked=looked,
        sample=sample,
        refusal=refusal,
        faults=refusal.faults,
    )
