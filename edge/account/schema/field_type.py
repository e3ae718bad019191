"""The page that changes the type of a field. It shows what a change would do first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from google.protobuf.struct_pb2 import Value
from prospectconnect.iam.v1.sessions_pb2 import Session
from prospectconnect.schema.v1 import fields_pb2
from prospectconnect.schema.v1 import own_schema_pb2 as pb
from sanic import HTTPResponse

from edge.account.schema.field_types import TYPES, TypeOfField, number_of, type_of
from edge.account.schema.found import check_writes, field_in, fields_of, page_of
from edge.account.schema.reading import NO_NUMBER, read_options, value_in, written
from edge.account.schema.refusals import IN_MAP, Refusal, of_faults, send
from edge.oauth.authorize import see_other
from edge.problems import Fault
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

# The names of the inputs for a value that has no conversion, for its stand-in, and for
# that of all values which have no input.
_FROM, _TO, _OTHERS = "from.", "to.", "others"
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
    check_writes(found.writable, who)
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
    faults = list[Fault]()
    request = _request(visit, field, kind, looks=False)
    if request.change.on_conflict == fields_pb2.ON_CONFLICT_MAP:
        _read_map(request, given.values, kind, faults)
    if faulty := of_faults(faults):
        return _shown(found, who, field, sent, faulty)
    done, refusal = await send(edge, visit, request)
    if done is None:
        return _shown(found, who, field, sent, _by_inputs(refusal, given.values))
    return see_other(f"{page_of(visit)}?done={'by_job' if done.by_job else 'changed'}")


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
    return pb.ChangeOwnFieldRequest(
        form_token=given.get("form_token"), change=change, only_look=looks
    )


def _read_map(
    request: pb.ChangeOwnFieldRequest,
    values: Mapping[str, str],
    kind: TypeOfField,
    faults: list[Fault],
) -> None:
    """Reads the stand-ins for values that have no conversion."""

    def read(name: str) -> Value | None:
        text = values.get(name, "").strip()
        stand_in = value_in(text, kind.name) if text else None
        if text and stand_in is None:
            faults.append(Fault(name, "invalid_type", NO_NUMBER))
        return stand_in

    for name, value in values.items():
        if name.startswith(_FROM):
            stand_in = read(f"{_TO}{name.removeprefix(_FROM)}")
            if stand_in is not None:
                request.change.map.fields[value].CopyFrom(stand_in)
    others = read(_OTHERS)
    if others is not None:
        request.others.CopyFrom(others)


def _by_inputs(refusal: Refusal, values: Mapping[str, str]) -> Refusal:
    """A refusal whose faults of stand-ins are by their inputs, not by their values."""
    inputs = {
        f"{IN_MAP}{value}": f"{_TO}{name.removeprefix(_FROM)}"
        for name, value in values.items()
        if name.startswith(_FROM)
    }
    faults = dict[str, str]()
    for name, message in refusal.faults.items():
        at = inputs.get(name, _OTHERS) if name.startswith(IN_MAP) else name
        faults.setdefault(at, message)
    return replace(refusal, faults=faults)


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
        checks=field.state == fields_pb2.FIELD_STATE_CHECKING,
        refusal=refusal,
        faults=refusal.faults,
    )
