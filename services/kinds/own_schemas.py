"""A tenant's schema, made from its definitions."""

from collections.abc import Collection, Iterable, Mapping

from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.association_types import AssociationType
from services.kinds.own_fields import (
    NO_SCHEMA,
    OwnField,
    OwnFields,
    Schema,
    own_field,
)
from services.kinds.typed_values import REFERENCES


def compile_schema(
    definitions: Iterable[pb.Field],
    generation: int,
    closed: Collection[str] = (),
    custom: Collection[str] = (),
    associations: Iterable[AssociationType] = (),
    *,
    has_associations: bool = False,
) -> Schema:
    """Prepares all definitions of a tenant. `NO_SCHEMA` if it never had one.

    `closed` are the records that take no key without a definition, `custom` the custom
    objects that are not archived, `associations` the tenant's own types.
    """
    if not generation:
        return NO_SCHEMA
    by_object: dict[str, dict[str, OwnField]] = {
        name: {} for name in (*closed, *custom)
    }
    for each in definitions:
        by_object.setdefault(each.object, {})[each.key] = own_field(each)
    compiled = {
        name: _compiled(name, own, generation, name not in closed)
        for name, own in by_object.items()
    }
    types = {each.key: each for each in associations}
    none, live = OwnFields(generation), frozenset(custom)
    return Schema(generation, compiled, none, live, types, has_associations)


def _compiled(
    name: str, by_key: Mapping[str, OwnField], generation: int, is_open: bool
) -> OwnFields:
    live = [each for each in by_key.values() if not each.archived]
    return OwnFields(
        generation=generation,
        by_key=by_key,
        required=tuple(e.key for e in live if e.required),
        defaults={e.key: e.default for e in live if e.default is not None},
        hidden=frozenset(by_key) - {each.key for each in live},
        references=tuple(e for e in live if e.rules.type in REFERENCES),
        searchable=tuple(e for e in live if e.searchable),
        formulas=tuple(e for e in live if e.formula),
        sensitive=tuple(e for e in live if e.readers is not None),
        is_open=is_open,
        checks=True,
        object=name,
    )
