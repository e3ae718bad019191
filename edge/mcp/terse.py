"""Fewer words: what the descriptions and schemas of tools can do without.

An assistant reads the whole list of tools each time, and its user pays for that. The
services check each rule and explain what is wrong.
"""

import re
from collections.abc import Mapping
from typing import Any

from edge.mcp.files import SENTENCE_END

Json = dict[str, Any]

# What of a schema says which type a value has.
SHAPE = ("$ref", "anyOf", "enum", "format", "items", "type")

_LEFT_OUT = frozenset(
    {
        *("maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems"),
        *("maxProperties", "multipleOf", "propertyNames", "additionalProperties"),
    }
)
_FORMATS = frozenset({"date", "date-time", "time", "uri"})
_NULL: Json = {"type": "null"}
# Sentences about statuses, which assistants do not see, about rights, which problems
# tell, about sizes, and about what no caller has to know.
_LEFT = re.compile(
    r"^4\d\d\b|^At most [\d,]+ characters\.$|^Who may |^It takes `|answered as it is\.$"
    r"|^Two calls at once|^An update asks for no|^Archived already|^Otherwise it is "
)
_SIZE = re.compile(r"[,:] at most [\d,]+ characters(?=[.;,])")
_DEFINED = "#/$defs/"


def told_briefly(description: str) -> str:
    """A description without the sentences that only clients over HTTP need."""
    sentences = SENTENCE_END.split(description)
    kept = [each for each in sentences if not _LEFT.search(each)]
    return _SIZE.sub("", " ".join(kept or sentences))


def short_schema(schema: Json, *, has_null: bool) -> Json:
    """The schema of a tool's arguments in fewer words, choices in their places.

    Without `has_null`, nothing takes null: what is left out is the same.
    """
    defined = schema.get("$defs", {})
    choices = {name: each for name, each in defined.items() if "enum" in each}
    found: Json = _short({**schema, "$defs": {}}, choices, has_null)
    del found["$defs"]
    rest = {
        name: _short(each, choices, has_null)
        for name, each in defined.items()
        if name not in choices
    }
    return found | ({"$defs": rest} if rest else {})


def _short(schema: Json, choices: Mapping[str, Json], has_null: bool) -> Json:
    kept: Json = {}
    for key, value in schema.items():
        if key in _LEFT_OUT or (key == "format" and value not in _FORMATS):
            continue
        if key == "description":
            kept[key] = told_briefly(value.partition("\n\n- `")[0])
        elif key == "properties":
            kept[key] = {
                name: _without_echo(name, _short(each, choices, _takes(each, has_null)))
                for name, each in value.items()
            }
        elif key == "$ref" and (chosen := choices.get(value.removeprefix(_DEFINED))):
            kept["enum"] = chosen["enum"]
        elif key == "anyOf":
            kept |= _one_of([_short(e, choices, has_null) for e in value], has_null)
        elif isinstance(value, dict):
            kept[key] = _short(value, choices, has_null)
        elif key in ("type", "enum") and isinstance(value, list) and not has_null:
            kept[key] = _without_null(value)
        else:
            kept[key] = value
    if "enum" in kept:
        kept.pop("type", None)
    if str(schema.get("format", "")).endswith("-id") and "type" in kept:
        kept = {k: v for k, v in kept.items() if k != "description" or len(v) > 40}
    return kept


def _takes(schema: Json, has_null: bool) -> bool:
    """Whether null says something else than nothing."""
    return has_null or "null means" in str(schema.get("description", ""))


def _without_echo(name: str, schema: Json) -> Json:
    """A schema without a description that only repeats the name."""
    about = str(schema.get("description", "")).lower().strip(".").split()
    if about and set(about) <= {"the", *name.split("_")}:
        return {key: each for key, each in schema.items() if key != "description"}
    return schema


def _one_of(schemas: list[Json], has_null: bool) -> Json:
    rest = schemas if has_null else [each for each in schemas if each != _NULL]
    return rest[0] if len(rest) == 1 else {"anyOf": rest}


def _without_null(values: list[Any]) -> Any:
    rest = [each for each in values if each not in ("null", None)]
    is_type = "null" in values and len(rest) == 1
    return rest[0] if is_type else rest
