"""The schemas of a search's filters: which fields, operators and values fit together.

A filter is a condition (it has a `field`) or one of three groups. There is a schema of
a condition for each type of field that the record has.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.openapi import kinds, values
from edge.openapi.schemas import Schemas, policy_of, value
from edge.openapi.values import Schema

MOST_CONDITIONS = 100
MOST_VALUES = 1_000

_GROUPS = {
    "any": "Holds when at least one of these holds.",
    "all": "Holds when all of these hold.",
    "not": "Holds when this does not: the plain complement.",
}
# Associated records by the key of a type, or a field of theirs. Which operators and
# values there are depends on the field.
_ASSOCIATED: Schema = {
    "type": "string",
    "pattern": rf"^associations\.{values.ASSOCIATED}$",
}
_ANY_VALUE: Schema = {"type": ["string", "number", "boolean"]}
# Strings with a format.
_FORMS: dict[str, Schema] = {"date": values.DATE, "timestamp": values.TIMESTAMP}


def filter_of(schemas: Schemas, record: Descriptor) -> Schema:
    """The schema of a filter of a kind of record, as a reference."""
    name = f"{record.name}Filter"
    return schemas.refer(name, lambda: _filter(schemas, record, name))


def _filter(schemas: Schemas, record: Descriptor, name: str) -> Schema:
    one_of = [*_conditions(schemas, record), *_groups(schemas, record, name)]
    about = (
        "A condition (`field`, `operator` and `value` or `values`), or a group (`any`, "
        "`all` or `not`). Groups nest up to 5 deep; a search holds at most "
        f"{MOST_CONDITIONS} conditions."
    )
    return {"description": about, "oneOf": one_of}


def _conditions(schemas: Schemas, record: Descriptor) -> Iterator[Schema]:
    """A condition for each type of field and for each enum."""
    fields = [each for each in record.fields if policy_of(each).filterable]
    can_be_unset: list[Schema] = []
    for (_, label), group in groupby(sorted(fields, key=_sort), key=_sort):
        items = list(group)
        field = _compared(record, items)
        for kind in kinds.kinds_of(items[0]):
            operators = kinds.OPERATORS[kind]
            if kinds.EMPTINESS[0] in operators:
                can_be_unset.append(field)
            schema = _condition(field, operators, _value(schemas, items[0], kind))
            stem = (label or _label(kind)).removeprefix(record.name)
            yield _named(schemas, f"{record.name}{stem}Condition", schema)
    if any(policy_of(each).custom_fields for each in record.fields):
        can_be_unset.append(_ASSOCIATED)
        schema = _condition(_ASSOCIATED, kinds.EVERY_OPERATOR, _ANY_VALUE)
        yield _named(schemas, f"{record.name}AssociatedCondition", schema)
    schema = _emptiness(can_be_unset)
    yield _named(schemas, f"{record.name}EmptinessCondition", schema)


def _value(schemas: Schemas, item: FieldDescriptor, kind: str) -> Schema:
    """The schema of one value that fields of a type are compared with."""
    if item.enum_type is not None:
        return value(schemas, item)
    types = kinds.TYPES[kind]
    if kind == "custom_number":
        types = (*types, "string")  # a key may be defined as a date
    plain: Schema = {"type": types[0] if len(types) == 1 else list(types)}
    return _FORMS.get(kind, plain)


def _compared(record: Descriptor, items: list[FieldDescriptor]) -> Schema:
    """The schema of `field` in a condition on fields of one type."""
    if key := kinds.keys_of(items[0]):
        return {"type": "string", "pattern": rf"^{items[0].name}\.{key}$"}
    names = [each.name for each in items]
    policy = record.GetOptions().Extensions[options_pb2.record]
    has_ends = any(policy_of(each).end for each in record.fields)
    if "id" in names and (policy.shared_by_links or has_ends):
        names.append(kinds.RECORD_ID)
    return {"type": "string", "enum": names}


def _named(schemas: Schemas, name: str, schema: Schema) -> Schema:
    return schemas.refer(name, lambda: schema)


def _sort(item: FieldDescriptor) -> tuple[int, str]:
    """By type, in the order of the table of operators; each enum is its own type."""
    kind = kinds.kinds_of(item)[0]
    place = list(kinds.OPERATORS).index(kind)
    return place, "" if item.enum_type is None else item.enum_type.name


def _label(kind: str) -> str:
    return "Text" if kind == "string" else kind.title().replace("_", "")


def _emptiness(ways: list[Schema]) -> Schema:
    """A condition whether a field that may be unset is set. Values are ignored."""
    known = [name for way in ways for name in way.get("enum", ())]
    by_pattern = [way for way in ways if "pattern" in way]
    field: Schema = {"type": "string", "enum": known}
    if by_pattern:
        field = {"anyOf": [field, *by_pattern]}
    return _object(field, kinds.EMPTINESS, {})


def _condition(field: Schema, operators: Sequence[str], one: Schema) -> Schema:
    """A condition that compares; its operator determines the number of values."""
    operators = [each for each in operators if each not in kinds.EMPTINESS]
    several = [each for each in operators if each in kinds.SEVERAL]
    properties = {"value": one | {"description": "What it is compared with."}}
    if not several:
        schema = _object(field, operators, properties)
        schema["required"].append("value")
        return schema
    properties["values"] = {
        "type": "array",
        "items": one,
        "maxItems": MOST_VALUES,
        "description": f"What it is compared with, for {_names(several)}.",
    }
    return _object(field, operators, properties) | _arity(several)


def _object(
    field: Schema, operators: Sequence[str], values: Mapping[str, Schema]
) -> Schema:
    return {
        "type": "object",
        "required": ["field", "operator"],
        "properties": {
            "field": field | {"description": "The field that is compared."},
            "operator": {
                "type": "string",
                "enum": list(operators),
                "description": "How it is compared.",
            },
            **values,
        },
        "additionalProperties": False,
    }


def _names(operators: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in operators)


def _arity(several: list[str]) -> Schema:
    """Several values, two values or one, depending on the operator."""
    some: Schema = {"value": False, "values": {"minItems": 1}}
    of_several: Schema = {"required": ["values"], "properties": some}
    if "between" in several:
        of_several["if"] = {"properties": {"operator": {"const": "between"}}}
        two = {"minItems": 2, "maxItems": 2}
        of_several["then"] = {"properties": {"values": two}}
    return {
        "if": {"properties": {"operator": {"enum": several}}},
        "then": of_several,
        "else": {
            "required": ["value"],
            "properties": {"value": {}, "values": {"maxItems": 0}},
        },
    }


def _groups(schemas: Schemas, record: Descriptor, name: str) -> Iterator[Schema]:
    inner = {"$ref": f"#/components/schemas/{name}"}
    many: Schema = {
        "type": "array",
        "items": inner,
        "minItems": 1,
        "maxItems": MOST_CONDITIONS,
    }
    for key, about in _GROUPS.items():
        schema = {
            "type": "object",
            "description": about,
            "required": [key],
            "properties": {key: inner if key == "not" else many},
            "additionalProperties": False,
        }
        yield _named(schemas, f"{record.name}{key.title()}Filter", schema)
