"""The schemas of what a read asks for: fields, and paths to records that come along."""

from functools import partial

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from prospectconnect.options.v1 import options_pb2

from edge.openapi import values
from edge.openapi.schemas import Schemas, policy_of
from edge.openapi.values import Schema

FIELDS, EXPAND = "fields", "expand"

_ID = "_id"


def items_of(schemas: Schemas, name: str, record: Descriptor) -> Schema | None:
    """The schema of an element of `fields` or `expand`; None for other lists."""
    if name == FIELDS:
        about = f"What `fields` takes of {_noun(record)}."
        make = partial(_any, about, _names(record), _keys(record))
        return schemas.refer(f"{record.name}Field", make)
    if name != EXPAND:
        return None
    about = f"A path along which `expand` leads from {_noun(record)}."
    make = partial(_any, about, *_paths(schemas, record))
    return schemas.refer(f"{record.name}Path", make)


def _noun(record: Descriptor) -> str:
    policy = record.GetOptions().Extensions[options_pb2.record]
    return str(policy.plural).replace("_", " ")


def _any(about: str, names: list[str], patterns: list[str]) -> Schema:
    options: list[Schema] = [{"type": "string", "enum": names}] if names else []
    options += [{"type": "string", "pattern": each} for each in patterns]
    made = {"anyOf": options} if len(options) > 1 else options[0]
    return {**made, "description": about}


def _names(record: Descriptor) -> list[str]:
    policies = {each.name: policy_of(each) for each in record.fields}
    return [n for n, each in policies.items() if not (each.internal or each.shown_once)]


def _keys(record: Descriptor) -> list[str]:
    """The patterns of keys in the structs of a record."""
    found = []
    for each in record.fields:
        if policy_of(each).custom_fields:
            found.append(rf"^{each.name}\.{values.CUSTOM_KEY}$")
        elif policy_of(each).external_ids:
            found.append(rf"^{each.name}\.{values.SYSTEM}$")
    return found


def _paths(schemas: Schemas, record: Descriptor) -> tuple[list[str], list[str]]:
    links = [
        each.name.removesuffix(_ID) for each in record.fields if _is_link(schemas, each)
    ]
    further = [rf"^({'|'.join(links)})\.[a-z_]+$"] if links else []
    if any(policy_of(each).custom_fields for each in record.fields):
        further.append(rf"^associations\.{values.CUSTOM_KEY}(\.inverse)?$")
    return links, further


def _is_link(schemas: Schemas, item: FieldDescriptor) -> bool:
    is_known = policy_of(item).references in schemas.records
    return is_known and item.name.endswith(_ID)
