"""A tenant's schema, made from its definitions and from what jobs do to them."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.association_types import AssociationType
from services.kinds.conversions import Changed
from services.kinds.custom_fields import value_to_json
from services.kinds.formats import exact
from services.kinds.own_fields import (
    BESIDE,
    NO_SCHEMA,
    OwnField,
    OwnFields,
    Schema,
)
from services.kinds.own_types import MOST_CHARACTERS, MOST_DECIMALS, Rules
from services.kinds.typed_values import LENGTHS, REFERENCES

_RESULTS = {
    pb.FIELD_RESULT_STRING: pb.FIELD_TYPE_TEXT,
    pb.FIELD_RESULT_NUMBER: pb.FIELD_TYPE_DECIMAL,
    pb.FIELD_RESULT_BOOLEAN: pb.FIELD_TYPE_BOOLEAN,
}


def own_field(definition: pb.Field) -> OwnField:
    """Prepares a definition that was checked."""
    is_user = definition.type == pb.FIELD_TYPE_USER
    has_default = definition.HasField("default_value")
    return OwnField(
        key=definition.key,
        rules=rules_of(definition),
        required=definition.required,
        unique=definition.unique,
        archived=definition.archived,
        default=value_to_json(definition.default_value) if has_default else None,
        refers_to="users" if is_user else definition.target,
        searchable=definition.searchable,
        readers=frozenset(definition.readable_by) if definition.sensitive else None,
        formula=definition.expression,
        is_settled=definition.state != pb.FIELD_STATE_CHECKING,
    )


def rules_of(definition: pb.Field) -> Rules:
    """The rules that a definition sets for values."""
    longest = LENGTHS.get(definition.type, MOST_CHARACTERS)
    has = definition.HasField
    return Rules(
        type=_RESULTS.get(definition.result, definition.type),
        options={each.value: each.archived for each in definition.options},
        least=exact(definition.min.value) if has("min") else None,
        most=exact(definition.max.value) if has("max") else None,
        decimals=definition.decimals if has("decimals") else MOST_DECIMALS,
        max_length=definition.max_length if has("max_length") else longest,
        labels=_labels(definition),
    )


def _labels(definition: pb.Field) -> dict[str, str]:
    """The values of options by their labels, without those that several have."""
    found: dict[str, list[str]] = {}
    for each in definition.options:
        found.setdefault(each.label.strip().casefold(), []).append(each.value)
    return {label: values[0] for label, values in found.items() if len(values) == 1}


@dataclass(frozen=True, slots=True)
class Pending:
    """What a job does to a definition: the one from before, None if there was none.

    `is_leaving`: the definition was taken back, and its typed values are deleted.
    `changes`: the request that changes its type or options, None if none does. Until
    all values `are_checked` the field stays as it was.
    """

    before: pb.Field | None = None
    is_leaving: bool = False
    changes: pb.ChangeFieldRequest | None = None
    are_checked: bool = False


def packed(message: pb.Field | pb.ChangeFieldRequest | None) -> str:
    """A message as text, for the task of a job; "" for none."""
    if message is None:
        return ""
    return b64encode(message.SerializeToString(deterministic=True)).decode()


def unpacked(text: str) -> pb.Field | None:
    """The definition that `packed` wrote."""
    return pb.Field.FromString(b64decode(text)) if text else None


def unpacked_change(text: str) -> pb.ChangeFieldRequest | None:
    """The request that `packed` wrote."""
    return pb.ChangeFieldRequest.FromString(b64decode(text)) if text else None


@dataclass(frozen=True, slots=True)
class Objects:
    """A tenant's types of record, as their own rows say.

    `closed` are those that take no key without a definition, `custom` the custom
    objects that are not archived.
    """

    closed: Collection[str] = ()
    custom: Collection[str] = ()


BUILT_IN_ONLY = Objects()


def compile_schema(
    definitions: Iterable[pb.Field],
    generation: int,
    objects: Objects = BUILT_IN_ONLY,
    associations: Iterable[AssociationType] = (),
    pending: Mapping[str, Pending] = MappingProxyType({}),
    *,
    has_associations: bool = False,
) -> Schema:
    """Prepares all definitions of a tenant. `NO_SCHEMA` if it never had one.

    `associations` are the tenant's own types. `pending` are the definitions that a job
    works on, by their ids.
    """
    if not generation:
        return NO_SCHEMA
    by_object, before, leaving = _sorted(definitions, objects, pending)
    compiled = {
        name: _compiled(
            name, own, generation, name not in objects.closed, leaving.get(name, ())
        )
        for name, own in by_object.items()
    }
    searches = {
        name: _searched(compiled[name], earlier) for name, earlier in before.items()
    }
    return Schema(
        generation,
        compiled,
        OwnFields(generation),
        frozenset(objects.custom),
        {each.key: each for each in associations},
        has_associations,
        searches,
    )


_ByKey = dict[str, dict[str, OwnField]]


def _sorted(
    definitions: Iterable[pb.Field], objects: Objects, pending: Mapping[str, Pending]
) -> tuple[_ByKey, _ByKey, dict[str, set[str]]]:
    """The fields by object and key, those from before, and keys that are leaving."""
    by_object: _ByKey = {name: {} for name in (*objects.closed, *objects.custom)}
    before: _ByKey = {}
    leaving: dict[str, set[str]] = {}
    for each in definitions:
        fields = by_object.setdefault(each.object, {})
        known = pending.get(each.id)
        if known is None:
            fields[each.key] = own_field(each)
            continue
        if known.changes is not None and known.before is not None:
            fields[each.key] = _changing(each, known.before, known)
            continue
        earlier = before.setdefault(each.object, {})
        if known.is_leaving:
            leaving.setdefault(each.object, set()).add(each.key)
            if each.type == pb.FIELD_TYPE_FORMULA:  # records still have values
                gone = own_field(each)
                # Filters treat the key as before, unless they would tell what answers
                # do not show.
                is_settled = gone.readers is not None
                fields[each.key] = replace(gone, archived=True, is_settled=is_settled)
        else:
            fields[each.key] = _pending(each, known)
        if known.before is not None:
            earlier[each.key] = own_field(known.before)
    return by_object, before, leaving


def _pending(definition: pb.Field, known: Pending) -> OwnField:
    """A definition that holds for writes, and may be taken back."""
    before = known.before
    return replace(
        own_field(definition),
        also=None if before is None else rules_of(before),
        is_complete=before is not None and before.unique,
    )


def _changing(definition: pb.Field, before: pb.Field, known: Pending) -> OwnField:
    """A field whose type a job changes: as it was until all values are checked."""
    after = replace(own_field(definition), is_settled=True, beside=beside(definition))
    if known.are_checked or known.changes is None:
        return after
    form = Changed(known.changes, definition).form(after)
    becomes = replace(after, form=form)
    return replace(own_field(before), becomes=becomes, beside=after.beside)


def beside(definition: pb.Field) -> str:
    """The key by which a job keeps typed values beside those of a definition."""
    return f"{definition.key}{BESIDE}{definition.job_id}"


def _searched(own: OwnFields, before: Mapping[str, OwnField]) -> OwnFields:
    """Fields with those from before in the place of those that are pending.

    Who reaches a sensitive field is decided by the definition as it is now: answers do
    not show its values, so no filter may tell them.
    """
    settled = {key: each for key, each in own.by_key.items() if each.is_settled}
    by_key = settled | dict(before)
    found = _compiled(own.object, by_key, own.generation, own.is_open)
    return replace(found, sensitive=own.sensitive)


def _compiled(
    name: str,
    by_key: Mapping[str, OwnField],
    generation: int,
    is_open: bool,
    leaving: Collection[str] = (),
) -> OwnFields:
    live = [each for each in by_key.values() if not each.archived]
    after = [each.becomes or each for each in live]
    return OwnFields(
        generation=generation,
        by_key=by_key,
        required=tuple(e.key for e in live if e.required),
        defaults={e.key: e.default for e in live if e.default is not None},
        hidden=frozenset(by_key) - {each.key for each in live},
        leaving=frozenset(leaving),
        references=tuple(e for e in after if e.rules.type in REFERENCES),
        searchable=tuple(e for e in live if e.searchable),
        formulas=tuple(e for e in live if e.formula),
        sensitive=tuple(e for e in live if e.readers is not None),
        is_open=is_open,
        checks=True,
        object=name,
    )
