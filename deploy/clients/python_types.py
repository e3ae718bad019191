"""The schemas of a document, adapted to Python's types.

JSON has numbers and texts; Python also has exact numbers, dates and instants. Requests
may contain those. Amounts in answers are exact, and dates are a `date`. A condition
becomes one type for each of its shapes, because generators of types ignore JSON
Schema's `if`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from deploy.clients.operations import Json

# The API checks the bounds of values. The generator would make a separate type of each.
_BOUNDS = frozenset(
    {
        *("minLength", "maxLength", "pattern", "minItems", "maxItems", "maxProperties"),
        *("minimum", "maximum", "multipleOf", "propertyNames", "format"),
    }
)
# The types of names that filters take for the keys of an object.
_KEYED = {
    "^associations": {
        "customTypePath": "prospectconnect_contract.associations.AssociatedField"
    },
    "^custom_fields": {
        "customTypePath": "prospectconnect_contract.custom_fields.CustomField"
    },
    "^external_ids": {
        "customTypePath": "prospectconnect_contract.external_ids.ExternalId"
    },
}
_EXACT = {"customTypePath": "decimal.Decimal"}
# An object with the keys of own fields. Any typed dictionary will do.
_OWN_KEYS = "^[a-z][a-z0-9_]{0,63}$"
_OWN_FIELDS = {"customTypePath": "prospectconnect_contract.custom_fields.CustomFields"}
_MOMENTS = {"date": "datetime.date", "date-time": "datetime.datetime"}


def python_schemas(document: Json) -> dict[str, Any]:
    """The document's schemas, without bounds and with Python's types.

    Raises ValueError for a schema that would need one type in requests and another in
    answers.
    """
    schemas: Json = document["components"]["schemas"]
    received, sent = _reached(document, "responses"), _reached(document, "requestBody")
    made: dict[str, Any] = {}
    for name, schema in schemas.items():
        if _is_condition(schema):
            made |= _conditions(name, schema)
            continue
        made[name] = _typed(schema, name in sent)
        if name in sent & received and made[name] != _typed(schema, sent=False):
            raise ValueError(f"{name} is sent and received, by different types.")
    for schema in made.values():
        if "oneOf" in schema:
            schema["oneOf"] = [
                each for option in schema["oneOf"] for each in _shapes(option, made)
            ]
    return made


def _reached(document: Json, part: str) -> set[str]:
    """The names of all schemas in requests, or in answers."""
    schemas = document["components"]["schemas"]
    waiting = [
        operation[part]
        for item in document["paths"].values()
        for operation in item.values()
        if part in operation
    ]
    found: set[str] = set()
    while waiting:
        for name in set(_references(waiting.pop())) - found:
            found.add(name)
            waiting.append(schemas[name])
    return found


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith("#/components/schemas/"):
            yield target.rpartition("/")[2]
        for each in node.values():
            yield from _references(each)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _typed(node: Any, sent: bool) -> Any:
    """A schema in Python's types; a value in a request may have several types."""
    if isinstance(node, list):
        return [_typed(each, sent) for each in node]
    if not isinstance(node, Mapping):
        return node
    if "properties" in node:
        members = node["properties"].items()
        kept = {name: _typed(schema, sent) for name, schema in members}
        return _kept(node) | {"properties": kept}
    for beginning, kind in _KEYED.items():
        if node.get("pattern", "").startswith(beginning):
            return _kept(node) | kind
    if wider := list(_wider(node, sent)):
        told = {name: node[name] for name in ("description",) if name in node}
        return {**told, **({"anyOf": wider} if len(wider) > 1 else wider[0])}
    return {name: _typed(each, sent) for name, each in _kept(node).items()}


def _wider(node: Json, sent: bool) -> Iterator[Json]:
    """The additional Python types of a value; none if JSON's type is enough."""
    kinds, form = node.get("type"), node.get("format")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "number" in kinds:
        yield _EXACT
        if sent:
            yield {"type": "number"}
        elif not _is_amount(node):
            yield {"type": "integer"}
    elif _is_date(node):
        yield {"customTypePath": _MOMENTS["date"]}
        kinds = [kind for kind in kinds if sent or kind != "string"]
    elif sent and "string" in kinds and form in _MOMENTS:
        yield {"customTypePath": _MOMENTS[form]}
    elif sent and node.get("propertyNames", {}).get("pattern") == _OWN_KEYS:
        yield _OWN_FIELDS
    else:
        return
    yield from ({"type": kind} for kind in kinds if kind not in ("number", "object"))


def _is_amount(schema: Json) -> bool:
    """Whether a value is an exact number with fixed decimal places: money."""
    return "multipleOf" in schema and "number" in schema["type"]


def _is_date(schema: Json) -> bool:
    """Whether a value is a day of the calendar, without a time."""
    return schema.get("format") == "date" and "string" in schema["type"]


def amounts(document: Json, name: str) -> list[tuple[str, ...]]:
    """The places of the amounts in an answer of a type; a list adds no step."""
    return _places(document, name, _is_amount)


def dates(document: Json, name: str) -> list[tuple[str, ...]]:
    """The places of the dates in an answer of a type; a list adds no step."""
    return _places(document, name, _is_date)


def _places(
    document: Json,
    name: str,
    is_wanted: Callable[[Json], bool],
    around: tuple[str, ...] = (),
) -> list[tuple[str, ...]]:
    """The places of values in a type.

    `around` are the types that contain it. One that contains itself adds no places.
    """
    schemas = document["components"]["schemas"]
    found: list[tuple[str, ...]] = []
    for member, schema in schemas[name].get("properties", {}).items():
        if is_wanted(schema):
            found.append((member,))
        for inner in _references(schema):
            if inner not in (*around, name):
                places = _places(document, inner, is_wanted, (*around, name))
                found += [(member, *steps) for steps in places]
    return found


def _kept(node: Json) -> dict[str, Any]:
    return {name: each for name, each in node.items() if name not in _BOUNDS}


def _is_condition(schema: Json) -> bool:
    """Whether a filter is one of the conditions of a search, not one of a record."""
    return "enum" in schema.get("properties", {}).get("operator", {})


def _conditions(name: str, schema: Json) -> dict[str, Any]:
    """A condition as one type for each of its shapes: with `value`, with `values`."""
    properties = schema["properties"]
    several = _taking_several(schema)
    found: dict[str, Any] = {}
    for shape, part in (("", "value"), ("List", "values")):
        operators = [
            each
            for each in properties["operator"]["enum"]
            if (each in several) == (part == "values")
        ]
        if not operators:
            continue
        members = ["field", "operator"] + [part] * (part in properties)
        chosen = {member: _typed(properties[member], sent=True) for member in members}
        chosen["operator"]["enum"] = operators
        found[name.replace("Condition", f"{shape}Condition")] = {
            "type": "object",
            "required": members,
            "properties": chosen,
        }
    return found


def _taking_several(schema: Json) -> list[str]:
    """The operators with `values`."""
    if "if" not in schema:
        return []
    found: list[str] = schema["if"]["properties"]["operator"]["enum"]
    return found


def _shapes(option: Json, made: Json) -> Iterator[Json]:
    """The types that were made of an option of a filter."""
    target: str = option["$ref"]
    names = {target, target.replace("Condition", "ListCondition")}
    yield from (
        {"$ref": name} for name in sorted(names) if name.rpartition("/")[2] in made
    )
