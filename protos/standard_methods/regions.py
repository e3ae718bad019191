"""The regions of a record's file, written anew."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from protos.standard_methods.records import BEGIN, END, NAMED, VERBS, Record
from protos.standard_methods.sentences import told_of

TEMPLATES = Path(__file__).parent / "templates"

WIDTH = 88

# What a method or its messages need, by the verb.
IMPORTS = {
    "": ("google/api/annotations.proto", "google/api/field_behavior.proto"),
    "Search": ("prospectconnect/type/v1/search.proto",),
    "Update": ("google/protobuf/field_mask.proto",),
    "Delete": ("google/protobuf/empty.proto",),
    "Read History": (
        "google/protobuf/timestamp.proto",
        "prospectconnect/type/v1/history.proto",
    ),
    "Read AsOf": ("google/protobuf/timestamp.proto",),
    "Upsert": (
        "google/protobuf/field_mask.proto",
        "prospectconnect/crm/v1/upserts.proto",
    ),
    "Batch": ("prospectconnect/crm/v1/batches.proto",),
    "Merge": ("google/protobuf/struct.proto", "prospectconnect/crm/v1/merges.proto"),
    "Aggregate": (
        "prospectconnect/type/v1/figures.proto",
        "prospectconnect/type/v1/search.proto",
    ),
}

# Messages of this package that the regions name; records of others name the package.
_CRM = "prospectconnect.crm.v1"
_OF_CRM = re.compile(r"\b(?:UpsertStatus|RecordOperation|BatchResponse)\b")
_RESPONSE = re.compile(r"^(  rpc \w+\(\w+\)) (returns .*)$", re.MULTILINE)

_FIRST_WORD = re.compile("[A-Z][a-z]*")
_SERVICE = re.compile(r"^service \w+ \{", re.MULTILINE)
_IMPORT = re.compile(r'^import "(.*)";\n', re.MULTILINE)


def completed(text: str, record: Record, records: Sequence[Record]) -> str:
    """A record's file as its hand-written part with the regions of today."""
    service = _SERVICE.search(text)
    if service is None or not record.having("searchable"):
        raise SystemExit(f"{record.file}: no service, or no field is searchable")
    taken = set(NAMED.findall(text))
    told = told_of(record, records)
    text = _with_fields(text, record, told)
    service = _SERVICE.search(text)
    assert service is not None  # noqa: S101 - it was there before
    methods, messages = (
        _blocks(_named_fully(_rendered(template, told), record), record.verbs, taken)
        for template in ("methods.jinja", "messages.jinja")
    )
    before, after = text[: service.end()], text[service.end() :].lstrip("\n")
    gap = "" if after.startswith("}") else "\n"
    text = f"{before}\n\n{_region(methods, '  ')}{gap}{after}"
    return f"{_with_imports(text, record)}\n{_region(messages, '')}"


def _named_fully(rendered: str, record: Record) -> str:
    """The text with the names of messages as they are from the record's package."""
    if record.file.startswith(_CRM.replace(".", "/")):
        return rendered
    named = _OF_CRM.sub(rf"{_CRM}.\g<0>", rendered)
    return _RESPONSE.sub(
        lambda found: (
            found[0] if len(found[0]) <= WIDTH else f"{found[1]}\n      {found[2]}"
        ),
        named,
    )


def _with_fields(text: str, record: Record, told: Mapping[str, Any]) -> str:
    """The file with what its record tells of its deletion, if it can be restored."""
    if "Restore" not in record.verbs:
        return text
    start = text.index(f"message {record.name} {{")
    end = text.index("\n}", start)
    fields = _rendered("fields.jinja", told).strip("\n")
    region = _region([fields], "  ").removesuffix("\n")
    return f"{text[:end].rstrip()}\n\n{region}{text[end:]}"


def _with_imports(text: str, record: Record) -> str:
    """The file with what the regions need, less what it imports by itself."""
    *_, last = _IMPORT.finditer(text)
    own = set(_IMPORT.findall(text))
    needed = [each for verb in ("", *record.verbs) for each in IMPORTS.get(verb, ())]
    lines = [f'import "{each}";\n' for each in sorted(set(needed) - own)]
    blocks = ["".join(lines).rstrip()] if lines else []
    region = f"\n{_region(blocks, '')}"
    return text[: last.end()] + region + text[last.end() :]


def _region(blocks: Sequence[str], indent: str) -> str:
    return "\n\n".join([f"{indent}{BEGIN}", *blocks, f"{indent}{END}\n"])


def _blocks(rendered: str, verbs: Sequence[str], taken: set[str]) -> list[str]:
    """The methods or messages of a template that the record lacks and has to have."""
    named = [
        (NAMED.search(block), block) for block in rendered.strip("\n").split("\n\n")
    ]
    return [
        block
        for found, block in named
        if found and found[1] not in taken and _verb_of(found[1]) in verbs
    ]


def _verb_of(name: str) -> str:
    """The verb in the name of a standard method or of one of its messages."""
    name = name.removesuffix("Request").removesuffix("Response")
    verb = _FIRST_WORD.findall(name)[0]
    endings = [each for each in VERBS.values() if each.startswith(f"{verb} ")]
    return next((e for e in endings if name.endswith(e.partition(" ")[2])), verb)


def _rendered(template: str, told: Mapping[str, Any]) -> str:
    environment = Environment(  # noqa: S701 - it writes protos, not pages
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        comment=_comment,
        quoted=lambda names: [f"`{each}`" for each in names],
        listed=_listed,
        capitalized=lambda text: text[:1].upper() + text[1:],
    )
    return environment.get_template(template).render(told)


def _comment(text: str, indent: int) -> str:
    lead = " " * indent + "// "
    words = " ".join(text.split()).replace(" ,", ",")
    lines = textwrap.wrap(
        words, WIDTH - len(lead), break_long_words=False, break_on_hyphens=False
    )
    return "".join(f"{lead}{line}\n" for line in lines)


def _listed(words: Sequence[str], last: str) -> str:
    *before, final = words
    return f"{', '.join(before)} {last} {final}" if before else final
