"""The resources and their commands, as the generated files list them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

Kind = Literal["page", "record", "nothing", "file", "stream", "upload"]


@dataclass(frozen=True, slots=True)
class Field:
    """A value that a command takes.

    Attributes:
        type: The JSON type, or `json` if there are several.
        item: The type of the elements of an array.
        choices: The known values; the API may know more.
    """

    name: str
    description: str
    type: str
    required: bool
    item: str | None = None
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A field of filters: the kind of its values, and its operators."""

    kind: str
    operators: Sequence[str]
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command that is one operation.

    Attributes:
        arguments: The variables of the path, each with its description.
        fields: The members of the body.
        filters: The fields that its filters compare; empty for none.
    """

    resource: str
    name: str
    operation: str
    summary: str
    description: str
    method: str
    path: str
    kind: Kind
    arguments: Sequence[tuple[str, str]]
    query: Sequence[Field]
    fields: Sequence[Field]
    filters: Mapping[str, Compared]
    has_body: bool
    keyed: bool
    conditional: bool
    dry: bool
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its description, and its commands with a line about each."""

    name: str
    description: str
    commands: Mapping[str, str]


def resources() -> Mapping[str, Resource]:
    """All resources."""
    return {
        name: Resource(name, each["description"], each["commands"])
        for name, each in _read("index")["resources"].items()
    }


@cache
def command(resource: str, name: str) -> Command:
    """A command. Raises KeyError if there is none."""
    told = _read(resource)["commands"][name]
    return Command(
        resource=resource,
        name=name,
        operation=told["operation"],
        summary=told["summary"],
        description=told["description"],
        method=told["method"],
        path=told["path"],
        kind=told["kind"],
        arguments=[(each["name"], each["description"]) for each in told["arguments"]],
        query=[_field(each) for each in told["query"]],
        fields=[_field(each) for each in told["fields"]],
        filters={
            field: Compared(**each) for field, each in told.get("filters", {}).items()
        },
        has_body=told["has_body"],
        keyed=told["keyed"],
        conditional=told["conditional"],
        dry=told["dry"],
        repeatable=told["repeatable"],
    )


def _field(told: Mapping[str, Any]) -> Field:
    return Field(**{**told, "choices": tuple(told.get("choices", ()))})


@cache
def _read(name: str) -> Any:
    return json.loads((_folder() / f"{name}.json").read_text(encoding="utf-8"))


@cache
def _folder() -> Path:
    """The folder of the files. The package that has it is not imported: it is large."""
    found = find_spec("prospectconnect_contract")
    if found is None or found.origin is None:
        raise FileNotFoundError("The package prospectconnect_contract is missing.")
    return Path(found.origin).parent / "commands"
