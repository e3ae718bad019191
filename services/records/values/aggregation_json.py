"""Aggregations that a record holds, as JSON: as requests write them."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message
from prospectconnect.options.v1 import options_pb2
from prospectconnect.type.v1.figures_pb2 import Aggregation
from prospectconnect.type.v1.search_pb2 import Filter

from services.kinds.custom_fields import Json
from services.kinds.descriptors import enum_choices
from services.records.values.filter_json import filters_of, filters_to_json


def aggregation_to_json(aggregation: Message) -> dict[str, Json]:
    """An aggregation as JSON."""
    made: dict[str, Json] = {}
    for item, value in aggregation.ListFields():
        if item.message_type is Filter.DESCRIPTOR:
            made[item.name] = filters_to_json(value)
        elif item.message_type is not None:
            made[item.name] = [aggregation_to_json(each) for each in value]
        elif item.enum_type is not None:
            names = {number: name for name, number in enum_choices(item).items()}
            if value in names:
                made[item.name] = names[value]
        else:
            made[item.name] = value
    return made


def told_aggregation(kept: Mapping[str, Any]) -> dict[str, Json]:
    """JSON that `aggregation_to_json` wrote, as public JSON has it: unset is null."""
    return _told(Aggregation.DESCRIPTOR, kept)


def _told(descriptor: Any, kept: Mapping[str, Any]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for item in descriptor.fields:
        policy = item.GetOptions().Extensions[options_pb2.field]
        value = kept.get(item.name)
        if policy.internal or (policy.omit_unset and value is None):
            continue
        if item.is_repeated:
            value = value or []
        if item.message_type is not None and item.message_type is not Filter.DESCRIPTOR:
            value = [_told(item.message_type, each) for each in value or ()]
        made[item.name] = value
    return made


def aggregation_of(told: Mapping[str, Any]) -> Aggregation:
    """An aggregation from JSON that `aggregation_to_json` wrote."""
    made = Aggregation()
    _read(made, told)
    return made


def _read(made: Any, told: Mapping[str, Any]) -> None:
    fields = made.DESCRIPTOR.fields_by_name
    for name, value in told.items():
        item = fields[name]
        if item.message_type is Filter.DESCRIPTOR:
            getattr(made, name).extend(filters_of(value))
        elif item.message_type is not None:
            for each in value:
                _read(getattr(made, name).add(), each)
        elif item.enum_type is not None:
            setattr(made, name, enum_choices(item)[value])
        else:
            setattr(made, name, value)
