"""A tenant's schema, made from its definitions and from what jobs do to them."""

from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.own_fields import (
    NO_SCHEMA,
    OwnField,
    OwnFields,
    Schema,
    own_field,
    rules_of,
)
from services.kinds.typed_values import REFERENCES


@dataclass(frozen=True, slots=True)
class Pending:
    """What a job does to a definition: the one from before, None if there was none.

    `is_leaving`: the definition was taken back, and its typed values are deleted.
    """

    before: pb.Field | None = None
    is_leaving: bool = False


def packed(definition: pb.Field | None) -> str:
    """A definition as text, for the task of a job; "" for none."""
    if definition is None:
        return ""
    return b64encode(definition.SerializeToString(deterministic=True)).decode()


def unpacked(text: str) -> pb.Field | None:
    """The definition that `packed` wrote."""
    return pb.Field.FromString(b64decode(text)) if text else None


def compile_schema(
    definitions: Iterable[pb.Field],
    generation: int,
    closed: Collection[str] = (),
    pending: Mapping[str, Pending] = MappingProxyType({}),
) -> Schema:
    """Prepares all definitions of a tenant. `NO_SCHEMA` if it never had one.

    `closed` are the records that take no key without a definition. `pending` are the
    definitions that a job works on, by their ids.
    """
    if not generation:
        return NO_SCHEMA
    by_object: dict[str, dict[str, OwnField]] = {name: {} for name in closed}
    before: dict[str, dict[str, OwnField]] = {}
    leaving: dict[str, set[str]] = {}
    for each in definitions:
        fields = by_object.setdefault(each.object, {})
        known = pending.get(each.id)
        if known is None:
            fields[each.key] = own_field(each)
            continue
        earlier = before.setdefault(each.object, {})
        if known.is_leaving:
            leaving.setdefault(each.object, set()).add(each.key)
        else:
            fields[each.key] = _pending(each, known)
        if known.before is not None:
            earlier[each.key] = own_field(known.before)
    compiled = {
        name: _compiled(own, generation, name not in closed, leaving.get(name, ()))
        for name, own in by_object.items()
    }
    searches = {
        name: _compiled(_searched(by_object[name], own), generation, name not in closed)
        for name, own in before.items()
    }
    return Schema(generation, compiled, OwnFields(generation), searches)


def _pending(definition: pb.Field, known: Pending) -> OwnField:
    """A definition that holds for writes, and may be taken back."""
    before = known.before
    return replace(
        own_field(definition),
        is_settled=False,
        also=None if before is None else rules_of(before),
        is_complete=before is not None and before.unique,
    )


def _searched(
    fields: Mapping[str, OwnField], before: Mapping[str, OwnField]
) -> Mapping[str, OwnField]:
    """Fields with those from before in the place of those that are pending."""
    return {k: own for k, own in fields.items() if own.is_settled} | dict(before)


def _compiled(
    by_key: Mapping[str, OwnField],
    generation: int,
    is_open: bool,
    leaving: Collection[str] = (),
) -> OwnFields:
    live = [each for each in by_key.values() if not each.archived]
    return OwnFields(
        generation=generation,
        by_key=by_key,
        required=tuple(e.key for e in live if e.required),
        defaults={e.key: e.default for e in live if e.default is not None},
        hidden=frozenset(by_key) - {each.key for each in live},
        leaving=frozenset(leaving),
        references=tuple(e for e in live if e.rules.type in REFERENCES),
        searchable=tuple(e for e in live if e.searchable),
        is_open=is_open,
        checks=True,
    )
