"""Changes of a field's type or options, with the values of the records that have it."""

from collections.abc import Mapping
from contextlib import suppress

from google.protobuf.struct_pb2 import Value
from prospectconnect.schema.v1 import fields_pb2 as pb
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.errors import ValuesUnfit
from services.faults import Faults, TooManyFaults
from services.kinds.conversions import Changed
from services.kinds.custom_fields import to_value, value_to_json
from services.kinds.own_schemas import rules_of
from services.kinds.own_types import Reading, read
from services.kinds.typed_values import CHOICES, LENGTHS, NUMBERS, SEARCHABLE
from services.postgres.database import Transaction
from services.schema import existing
from services.schema.definitions import TYPES, fits, with_all_options
from services.schema.existing import SAMPLE

_TEXT = frozenset((pb.FIELD_TYPE_TEXT,))
# The types to which each can be changed.
_CHANGES: Mapping[int, frozenset[int]] = {
    pb.FIELD_TYPE_TEXT: frozenset(TYPES)
    - _TEXT
    - {pb.FIELD_TYPE_RECORD, pb.FIELD_TYPE_FORMULA},
    pb.FIELD_TYPE_LONG_TEXT: _TEXT,
    pb.FIELD_TYPE_INTEGER: _TEXT | {pb.FIELD_TYPE_DECIMAL},
    pb.FIELD_TYPE_DECIMAL: _TEXT | {pb.FIELD_TYPE_INTEGER},
    pb.FIELD_TYPE_BOOLEAN: _TEXT,
    pb.FIELD_TYPE_DATE: _TEXT | {pb.FIELD_TYPE_TIMESTAMP},
    pb.FIELD_TYPE_TIMESTAMP: _TEXT,
    pb.FIELD_TYPE_SELECT: _TEXT | {pb.FIELD_TYPE_MULTI_SELECT},
    pb.FIELD_TYPE_MULTI_SELECT: frozenset((pb.FIELD_TYPE_SELECT,)),
}


def possible_types(number: int) -> list[pb.FieldType.ValueType]:
    """The types to which a type can be changed, in the order of the enum."""
    possible = _CHANGES.get(number, frozenset())
    return [each for each in pb.FieldType.values() if each in possible]


def apply(request: pb.ChangeFieldRequest, definition: pb.Field, faults: Faults) -> None:
    """Gives a definition another type or other options.

    What fields of the new type do not have is taken out of it.
    """
    before = pb.Field()
    before.CopyFrom(definition)
    if request.type and request.type != definition.type:
        possible = possible_types(definition.type)
        if request.type not in possible:
            names = [TYPES[number] for number in possible]
            some = ", ".join(names) or "no other type"
            message = f"A field of type {TYPES[definition.type]} can become {some}."
            faults.add("type", FaultCode.FAULT_CODE_INVALID_CHOICE, message)
            return
        definition.type = request.type
    _take_out(definition)
    if request.options:
        del definition.options[:]
        definition.options.extend(request.options)
        with_all_options(definition, before)
    _check_map(request, definition, faults)
    _give_default(request, definition)


def _take_out(definition: pb.Field) -> None:
    """Takes the limits out that fields of the type do not have."""
    limits = {
        "min": NUMBERS,
        "max": NUMBERS,
        "decimals": (pb.FIELD_TYPE_DECIMAL,),
        "max_length": LENGTHS,
        "options": CHOICES,
        "searchable": SEARCHABLE,
    }
    for name, types in limits.items():
        if definition.type not in types:
            definition.ClearField(name)  # type: ignore[arg-type]  # a name of a field


def _give_default(request: pb.ChangeFieldRequest, definition: pb.Field) -> None:
    """Gives the default that the request names, else the one that there was, converted.

    One that does not fit stays, to be refused, unless values are to be cleared.
    """
    if request.HasField("default_value"):
        definition.default_value.CopyFrom(request.default_value)
    elif definition.HasField("default_value"):
        stored = value_to_json(definition.default_value)
        ways = (way(stored) for way in Changed(request, definition).ways())
        for each in (stored, *ways):
            if each is not None and fits(definition, each):
                definition.default_value.CopyFrom(to_value(each))
                return
        if request.on_conflict == pb.ON_CONFLICT_CLEAR:
            definition.ClearField("default_value")


def _check_map(
    request: pb.ChangeFieldRequest, definition: pb.Field, faults: Faults
) -> None:
    maps = request.on_conflict == pb.ON_CONFLICT_MAP
    if maps and not request.map.fields:
        message = "Give map, with the values that take the place of others."
        faults.add("map", FaultCode.FAULT_CODE_REQUIRED, message)
    elif not maps and request.HasField("map"):
        message = "Leave out map, or set on_conflict to map."
        faults.add("map", FaultCode.FAULT_CODE_INVALID, message)
    elif maps:
        with suppress(TooManyFaults):
            for name, given in request.map.fields.items():
                _check_stand_in(Changed(request, definition), name, given, faults)


def _check_stand_in(changed: Changed, name: str, given: Value, faults: Faults) -> None:
    """A stand-in must be a value of the changed field, or an option in its lists.

    Null takes an option out of lists. Elsewhere it says nothing: that is `clear`.
    """
    at, several = f"map.{name}", changed.definition.type == pb.FIELD_TYPE_MULTI_SELECT
    stand_in = value_to_json(given)
    if stand_in is None:
        if not several:
            message = "Give a value. To clear values, give the on_conflict clear."
            faults.add(at, FaultCode.FAULT_CODE_REQUIRED, message)
        return
    if several and not isinstance(stand_in, list):
        stand_in = [stand_in]
    found, rules = Faults(), rules_of(changed.definition)
    read(Reading(rules, to_value(stand_in), at, found, changed.held()))
    for fault in found.found[:1]:
        faults.add(at, fault.code, fault.message)


def unfit_message(definition: pb.Field) -> str:
    """What people read about values that stand in the way of a change."""
    return f"Records hold values of {definition.key} that do not fit the change."


async def change_values(
    transaction: Transaction,
    business_id: str,
    request: pb.ChangeFieldRequest,
    definition: pb.Field,
    told: pb.ChangeFieldResponse,
    most: int = SAMPLE,
) -> None:
    """Changes the values of records with a definition, and counts them in the answer.

    The answer has up to `most` of the values that are cleared.

    Raises `ValuesUnfit` if values do not fit, unless the request says to clear them,
    and `TooManyValues` if a job has to look at them.
    """
    changed = Changed(request, definition)
    ways, held = changed.ways(), changed.held()
    judged = await existing.judge(transaction, business_id, definition, ways, held)
    unfit = judged.unfit
    if unfit and not changed.clears:
        raise ValuesUnfit(unfit_message(definition), len(unfit), list(unfit)[:SAMPLE])
    await existing.store(transaction, business_id, definition, judged)
    told.records = judged.records
    told.converted = sum(value is not None for value in judged.changed.values())
    told.cleared = len(unfit)
    for record_id, value in list(unfit.items())[:most]:
        told.sample.add(id=record_id, value=to_value(value))
