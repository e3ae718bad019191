"""What a schema file contains.

    objects:
      machines:
        singular_label: Machine
        plural_label: Machines
        fields:
          serial: {type: text, label: Serial number, unique: true}
      contacts:
        fields: ...
    association_types:
      machine_owners: {from_object: machines, to_object: contacts, label: ..., ...}

What has its usual value is left out, so a file says what is special. A file that leaves
out an object or a field says that it shall not be there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Part = Literal["object", "field", "association_type"]
Value = Mapping[str, Any]

OBJECT: Value = {
    "singular_label": None,
    "plural_label": None,
    "description": None,
    "open": True,
}
FIELD: Value = {
    "type": None,
    "label": None,
    "description": None,
    "group": None,
    "position": None,
    "required": False,
    "unique": False,
    "default_value": None,
    "options": [],
    "min": None,
    "max": None,
    "decimals": None,
    "max_length": None,
    "target": None,
    "searchable": False,
    "sensitive": False,
    "readable_by": [],
    "expression": None,
}
ASSOCIATION: Value = {
    "from_object": None,
    "to_object": None,
    "label": None,
    "inverse_label": None,
    "cardinality": "many_to_many",
}
USUAL: Mapping[Part, Value] = {
    "object": OBJECT,
    "field": FIELD,
    "association_type": ASSOCIATION,
}
# What never changes once it is there. A field's type and options are changed with the
# values of records, by an operation of its own.
FIXED: Mapping[Part, frozenset[str]] = {
    "object": frozenset(),
    "field": frozenset({"target"}),
    "association_type": frozenset({"from_object", "to_object", "cardinality"}),
}
OPTION: Value = {"value": None, "label": None, "color": None}


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a schema: an object, a field or an association type.

    Attributes:
        name: `machines`, `machines.serial`, `machine_owners`.
        values: Its values, those that are usual included.
        id: Its id or slug in the API; empty in a file.
        built_in: Whether it is an object that every tenant has.
    """

    part: Part
    name: str
    values: Value
    id: str = ""
    built_in: bool = False


Schema = Mapping[tuple[Part, str], Item]


def schema_of(items: Iterator[Item]) -> Schema:
    """A schema with the items by what they are."""
    return {(each.part, each.name): each for each in items}


def complete(part: Part, given: Value) -> Value:
    """Values with the usual ones for those that are not given."""
    made = {name: given.get(name, usual) for name, usual in USUAL[part].items()}
    made = {
        name: USUAL[part][name] if value is None else value
        for name, value in made.items()
    }
    made = {name: _as_written(value) for name, value in made.items()}
    if made.get("options"):
        made["options"] = [
            {name: each.get(name) or None for name in OPTION}  # no colour may be ""
            for each in made["options"]
            if not each.get("archived")
        ]
    return made


def _as_written(value: Any) -> Any:
    """A number as YAML has it. Limits have at most 15 digits, which a float keeps."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value


def short(part: Part, values: Value) -> Value:
    """Values without the usual ones."""
    made = {name: value for name, value in values.items() if value != USUAL[part][name]}
    if "options" in made:
        made["options"] = [
            {name: told for name, told in each.items() if told is not None}
            for each in made["options"]
        ]
    return made


Ask = Callable[[str], Iterator[Any]]


def read_live(records: Ask) -> Schema:
    """The schema of a tenant. `records` searches a resource, e.g. `fields`."""
    return schema_of(_live(records))


def _live(records: Ask) -> Iterator[Item]:
    for each in records("objects"):
        if not each["archived"]:
            told = complete("object", each)
            yield Item("object", each["slug"], told, each["slug"], each["built_in"])
    for each in records("fields"):
        if not each["archived"]:
            name = f"{each['object']}.{each['key']}"
            yield Item("field", name, complete("field", each), each["id"])
    for each in records("association_types"):
        if not each["archived"] and not each["built_in"]:
            told = complete("association_type", each)
            yield Item("association_type", each["key"], told, each["id"])
