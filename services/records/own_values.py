"""What a write of a record owes to the fields that the tenant has defined.

The statement that writes the record also writes the typed values that searches compare,
and it writes nothing if the tenant's schema is no longer the one that the record was
checked by. Creations take the lock on the tenant's row that its foreign key takes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.struct_pb2 import Struct

from services.caller import Caller
from services.kinds.custom_fields import Json, value_to_json
from services.kinds.objects import kind_named
from services.kinds.own_fields import OwnField, OwnFields
from services.kinds.record_type import Kinds
from services.kinds.typed_values import Typed, columns
from services.records.references import Reference, reference_to
from services.records.statements import Own

CUSTOM_FIELDS = "custom_fields"


@dataclass(frozen=True, slots=True)
class OwnValues:
    """What a write checks and stores besides.

    `written` are the typed values that it stores, by their keys. `part` is what the
    statement has for it, and `parameters` are the values of that part.
    """

    part: Own
    parameters: Sequence[Any]
    written: Sequence[tuple[str, Typed]] = ()


# What custom fields owe where nothing was ever defined: a definition that comes
# meanwhile may not fit them.
STILL_UNDEFINED = OwnValues("guarded", (0,))
# What a change of other fields owes there: a formula that comes meanwhile may use them.
STILL_WITHOUT_FORMULA = OwnValues("current", (0,))


def own_values(own: OwnFields, before: Struct | None, after: Struct) -> OwnValues:
    """What a write of custom fields owes.

    A write without custom fields owes a check too if there are definitions: one that
    comes meanwhile may require a value, or be a formula of fields that are written.
    """
    if before is not None and before == after:
        return OwnValues("current", (own.generation,))
    written, cleared = list[tuple[str, Typed]](), list[str]()
    for key in _changed(own, before, after):
        field = own.by_key[key]
        if key in after.fields:
            value = value_to_json(after.fields[key])
            if field.is_kept:
                written.append((key, field.typed(value)))
            if field.beside:
                written += _beside(field, value)
        else:
            cleared += (key, field.beside) if field.beside else (key,)
    for key in own.leaving:
        if before is not None and before.fields.get(key) != after.fields.get(key):
            cleared.append(key)
    if not written and not cleared:
        return OwnValues("guarded", (own.generation,))
    parameters = (own.generation, *columns(written), cleared)
    return OwnValues("typed", parameters, written)


def _beside(field: OwnField, value: Json) -> list[tuple[str, Typed]]:
    """What a write keeps besides while a job changes the type of a field."""
    own = field
    if field.becomes is not None and field.becomes.form is not None:
        own, value = field.becomes, field.becomes.form(value)[0]
    is_kept = own.is_kept and value is not None
    return [(field.beside, own.typed(value))] if is_kept else []


def _changed(own: OwnFields, before: Struct | None, after: Struct) -> Iterator[str]:
    """The keys of typed values that differ. A new record has no old values."""
    for key, field in own.by_key.items():
        if not (field.is_kept or field.beside):
            continue
        is_set = key in after.fields
        if before is None or key not in before.fields:
            if is_set:
                yield key
        elif not is_set or before.fields[key] != after.fields[key]:
            yield key


def own_references(
    caller: Caller,
    own: OwnFields,
    before: Struct | None,
    after: Struct,
    kinds: Kinds,
) -> list[Reference]:
    """The references in custom fields that a write sets."""
    found = []
    for field in own.references:
        value = after.fields.get(field.key)
        if value is None or not value.string_value:
            continue
        if before is not None and before.fields.get(field.key) == value:
            continue
        name, to = f"{CUSTOM_FIELDS}.{field.key}", field.refers_to
        kind = kind_named(kinds, to)
        found.append(reference_to(caller, name, kind, value.string_value, to))
    return [each for each in found if each is not None]
