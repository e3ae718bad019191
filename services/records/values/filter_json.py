"""Filters that a record holds, as JSON: as requests write them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.kinds.custom_fields import Json, to_value, value_to_json

_PREFIX = "OPERATOR_"
_OPERATORS = {
    number: name.removeprefix(_PREFIX).lower() for name, number in Operator.items()
}
_NUMBERS = {name: number for number, name in _OPERATORS.items()}
# The members that hold filters, those that hold values, and the exact digits of these.
_GROUPS, _EXACT = ("any", "all"), ("exact_value", "exact_values")


def filters_to_json(filters: Iterable[Filter]) -> list[dict[str, Json]]:
    """Filters as JSON."""
    return [_to_json(each) for each in filters]


def filters_of(told: Sequence[Mapping[str, Any]]) -> list[Filter]:
    """Filters from JSON that `filters_to_json` wrote."""
    return [_filter(each) for each in told]


def _to_json(one: Filter) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for item, value in one.ListFields():
        if item.name in _GROUPS:
            made[item.name] = filters_to_json(value)
        elif item.name == "not":
            made["not"] = _to_json(value)
        elif item.name == "operator":
            made["operator"] = _OPERATORS[value]
        elif item.name == "value":
            made["value"] = value_to_json(value)
        elif item.name == "values":
            made["values"] = [value_to_json(each) for each in value]
        else:
            made[item.name] = list(value) if item.is_repeated else value
    return made


def _filter(told: Mapping[str, Any]) -> Filter:
    made = Filter()
    for name in ("field", *_EXACT):
        if name in told:
            given = told[name]
            if isinstance(given, str):
                setattr(made, name, given)
            else:
                getattr(made, name).extend(given)
    if "operator" in told:
        made.operator = Operator.ValueType(_NUMBERS[told["operator"]])
    if "value" in told:
        made.value.CopyFrom(to_value(told["value"]))
    made.values.extend(to_value(each) for each in told.get("values", ()))
    for name in _GROUPS:
        getattr(made, name).extend(filters_of(told.get(name, ())))
    if "not" in told:
        getattr(made, "not").CopyFrom(_filter(told["not"]))
    return made
