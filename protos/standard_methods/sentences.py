"""What the templates are told of a record."""

from collections.abc import Sequence
from typing import Any

from protos.standard_methods.records import Record

_USUAL_ORDERS = ("created_at", "updated_at")

_OBJECT_OF = (
    "The slug of the custom object, e.g. `licenses`: the `slug` of `/objects/{slug}`."
)


def told_of(record: Record, records: Sequence[Record]) -> dict[str, Any]:
    """The names and the words of a record, by what the templates call them."""
    policy = record.policy
    alone = policy.by_links_alone
    orders = [each for each in record.having("sortable") if each not in _USUAL_ORDERS]
    return {
        "name": record.name,
        "names": "".join(word.title() for word in record.collection.split()),
        "noun": record.noun,
        "one": record.one,
        "many": record.many,
        "resource": policy.resource,
        "path": _path(policy),
        "object": policy.object_field,
        "object_of": _OBJECT_OF,
        "fields_of": _fields_of(record),
        "expand_of": _expand_of(record, records),
        "callers": _callers(policy),
        "permission": policy.permission_resource or policy.resource,
        "of_ends": bool(record.having("end")),
        "searched": record.having("searchable"),
        "searched_through": _searched_through(record, records),
        "orders": [*_USUAL_ORDERS[1:], *orders],
        "custom": next(iter(record.having("custom_fields")), ""),
        "external": next(iter(record.having("external_ids")), ""),
        "match_by": list(policy.match_by),
        "matches_unasked": policy.match_on_optional,
        "ways": _ways(record),
        "restores": "Restore" in record.verbs,
        "merges": record.merges,
        "is_linked": any(each.refers_to(policy.resource) for each in records),
        "owned": [each.many for each in records if each.is_owned_by(policy.resource)],
        "kept": f"a `{alone}` {record.noun}" if alone else "",
    }


def _fields_of(record: Record) -> str:
    """What a read says of the fields that it may ask for."""
    keyed = [
        f"`{name}.{key}` for one of its keys"
        for option, key in (("custom_fields", "KEY"), ("external_ids", "SYSTEM"))
        for name in record.having(option)
    ]
    keys = f", with {' and '.join(keyed)}" if keyed else ""
    return (
        f"The fields that the answer holds{keys}; `id` always comes along. Others are"
        " left out. Empty: all fields."
    )


def _expand_of(record: Record, records: Sequence[Record]) -> str:
    """What a read says of the records that it may bring along; "" if there are none."""
    known = {each.policy.resource for each in records}
    links = [
        f"`{field.name.removesuffix('_id')}`"
        for field, policy in record.fields
        if field.name.endswith("_id") and policy.references in known
    ]
    if record.policy.timeline_link or record.policy.object_field:
        links.append("`associations.TYPE`")
    if not links:
        return ""
    one = links[0].strip("`")
    return (
        f"Up to 5 paths to records that come along, e.g. `{one}`. The first step is one"
        f" of {', '.join(links)}. A second step is one of the record that the first"
        " leads to. Of associated records there are at most 25."
    )


def _path(policy: Any) -> str:
    """Where the records are below `/v1`."""
    if not policy.object_field:
        return str(policy.plural)
    return f"objects/{{{policy.object_field}}}/{policy.plural}"


def _ways(record: Record) -> list[str]:
    """What the `match_on` of an upsert may be."""
    external = [f"{name}.SYSTEM" for name in record.having("external_ids")]
    unique = [f"{name}.KEY" for name in record.having("custom_fields")]
    return ["id", *external, *unique, *record.policy.match_by]


def _searched_through(
    record: Record, records: Sequence[Record]
) -> list[dict[str, str]]:
    """The fields of other records that searches of this one look through."""
    nouns = {each.policy.resource: (each.noun, each.many) for each in records}
    return [
        {
            "field": field.search_through,
            "noun": nouns[field.references][0],
            "many": nouns[field.references][1],
        }
        for _, field in record.fields
        if field.search_through
    ]


def _callers(policy: Any) -> dict[str, str]:
    """The option that says who may call a method, by what the method does."""
    resource = policy.permission_resource or policy.resource
    return {
        action: "any_token: true"
        if policy.any_token
        else f'permission: "{resource}.{action}"'
        for action in ("read", "write", "delete")
    }
