"""Writes the own fields of a tenant as types, so that a type checker knows them.

The same definitions make the same text: it names no time and no address. So it can be
kept beside the program, and checked against the tenant in CI.
"""

import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from prospectconnect_contract.operations import OWNERS
from prospectconnect_contract.records import Field

_ANY_OBJECT = "{object}"

_HEAD = '''\
"""The tenant's own fields as types.

Written by `prospectconnect-codegen`; do not edit.
"""

# ruff: noqa
# fmt: off

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, cast

from typing_extensions import TypedDict

from prospectconnect_client import own_fields
from prospectconnect_contract import records
'''

# What an API newer than this client may have.
_UNKNOWN = "Any"

_RECEIVED = {
    "integer": "int",
    "decimal": "Decimal",
    "boolean": "bool",
    "date": "date",
    **dict.fromkeys(("timestamp", "text", "long_text", "email"), "str"),
    **dict.fromkeys(("phone", "country", "url", "user", "record"), "str"),
}
_SENT = {
    **_RECEIVED,
    "decimal": "Decimal | float",
    "date": "date | str",
    "timestamp": "datetime | str",
}
_COMPARED = {
    **dict.fromkeys(("integer", "decimal"), "NumberField"),
    **dict.fromkeys(("text", "email", "phone", "country", "url"), "TextField"),
    **dict.fromkeys(("user", "record"), "ChoiceField[str]"),
    "boolean": "BooleanField",
    "date": "DateField",
    "timestamp": "TimestampField",
}
_RESULTS = {"string": "text", "number": "decimal", "boolean": "boolean"}


def python_types(fields: Iterable[Field]) -> str:
    """A module with the types of own fields.

    For contacts these are `ContactFields`, as answers have them, `NewContactFields` for
    what is sent, `ContactField` for conditions, and `contact_fields(record)`.
    """
    by_object: dict[str, list[Field]] = {}
    for field in fields:
        if not field["archived"]:
            by_object.setdefault(field["object"], []).append(field)
    parts = [_HEAD]
    for slug in sorted(by_object):
        members = sorted(by_object[slug], key=lambda field: field["key"])
        parts.append("\n".join(_object(slug, members)))
    return "\n\n".join(parts)


def name_of(slug: str) -> str:
    """What the types of an object begin with: `Contact`, `MachinesRecord`.

    No two slugs have the same. An own object's has `Record` at its end, which the name
    of no other type of record has.
    """
    if slug in OWNERS:
        return OWNERS[slug]
    words = (
        word[:1].upper() + word[1:] if word[:1].isalpha() else f"_{word}"
        for word in slug.split("_")
    )
    return f"{''.join(words)}Record"


def _object(slug: str, fields: Sequence[Field]) -> Iterator[str]:
    name, record = name_of(slug), OWNERS.get(slug, OWNERS[_ANY_OBJECT])
    told = "Own fields of the object"
    yield from _dictionary(
        f"{name}Fields", f"{told} `{slug}`, in answers.", fields, _received
    )
    written = [field for field in fields if field["type"] != "formula"]
    yield from _dictionary(
        f"New{name}Fields", f"{told} `{slug}`, in requests.", written, _sent
    )
    yield f"class {name}Field:"
    yield f'    """{told} `{slug}`, in filters."""'
    yield ""
    taken = {field["key"] for field in fields}
    for field in fields:
        if (compared := _compared(field)) is not None:
            made = f'own_fields.{compared}("{field["key"]}")'
            yield f"    {_attribute(field['key'], taken)}: Final = {made}"
    yield from ("", "")
    yield f"def {_snake(name)}_fields(record: records.{record}) -> {name}Fields:"
    yield f'    """The own fields of a record of `{slug}`, with their types."""'
    yield "    read = own_fields.read("
    yield '        record["custom_fields"],'
    for kind in ("Decimal", "date"):
        keys = [field["key"] for field in fields if _received(field) == kind]
        if keys:
            yield f"        {kind.lower()}s={keys!r},"
    yield "    )"
    yield f'    return cast("{name}Fields", read)'
    yield ""


def _dictionary(
    name: str, told: str, fields: Sequence[Field], kind: Callable[[Field], str]
) -> Iterator[str]:
    words = [field for field in fields if keyword.iskeyword(field["key"])]
    if words:  # they are no names of attributes, so the class has them from another one
        members = ", ".join(
            f'"{field["key"]}": "{kind(field)} | None"' for field in words
        )
        yield f'_{name} = TypedDict("_{name}", {{{members}}}, total=False)'
        yield from ("", "")
    yield f"class {name}({f'_{name}' if words else 'TypedDict'}, total=False):"
    yield f'    """{told}"""'
    yield ""
    for field in fields:
        if field not in words:
            yield f"    # {_comment(field)}"
            yield f"    {field['key']}: {kind(field)} | None"
    yield from ("", "")


def _received(field: Field) -> str:
    """The type of a value in an answer."""
    choices = [option["value"] for option in field["options"]]
    return _kind(field, _RECEIVED, choices)


def _sent(field: Field) -> str:
    """The type of a value in a request; archived options are refused there."""
    choices = [each["value"] for each in field["options"] if not each["archived"]]
    return _kind(field, _SENT, choices)


def _kind(field: Field, kinds: dict[str, str], choices: Sequence[str]) -> str:
    kind: str = field["type"]
    if kind == "formula":
        return kinds.get(_RESULTS.get(field["result"] or "", ""), _UNKNOWN)
    if kind in ("select", "multi_select"):
        literal = _literal(choices)
        return f"list[{literal}]" if kind == "multi_select" else literal
    return kinds.get(kind, _UNKNOWN)


def _compared(field: Field) -> str | None:
    """The class of a field in filters; None for one that no filter compares."""
    kind: str = field["type"]
    if kind == "formula":
        kind = _RESULTS.get(field["result"] or "", "")
    choices = _literal([option["value"] for option in field["options"]])
    if kind == "select":
        return f"ChoiceField[{choices}]"
    if kind == "multi_select":
        return f"ChoicesField[{choices}]"
    return _COMPARED.get(kind)


def _literal(choices: Sequence[str]) -> str:
    return f"Literal[{', '.join(map(repr, choices))}]" if choices else "str"


def _comment(field: Field) -> str:
    """The label and the description on one line, without line breaks of theirs."""
    told = [field["label"], field["description"] or ""]
    words = " ".join(". ".join(each for each in told if each).split())
    return "".join(each if each.isprintable() else " " for each in words)


def _attribute(key: str, taken: set[str]) -> str:
    """The name of an attribute: the key, with `_` after a word of the language."""
    name = key
    while keyword.iskeyword(name) or (name != key and name in taken):
        name += "_"
    return name


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?<!_)([A-Z])", r"_\1", name).lower()
