"""Every option of every command takes a value of its kind, and sends it."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pcrm.catalog import Command, Field
from tests.clients.command_line.shell import Shell
from tests.clients.command_line.test_every_operation import (
    EMPTY,
    NO_FILE,
    VALUES,
    commands,
)
from tests.clients.unreliable import Network

SENT: dict[str, Any] = {
    "string": "x",
    "integer": 3,
    "number": 3.5,
    "object": {"a": 1},
    "json": "x",
}


@pytest.mark.parametrize("truth", [True, False])
def test_every_option_sends_its_value(
    shell: Shell, network: Network, *, truth: bool
) -> None:
    for command in commands():
        if command.kind == "upload":
            continue  # its content is a file
        network.seen.clear()
        network.faults.append(NO_FILE if command.kind == "file" else EMPTY)
        done = shell.run(*line(command, truth=truth))
        assert done.code == 0, (command.operation, done.err)
        (seen,) = network.seen
        query = parse_qs(urlsplit(seen.path).query)
        assert query == {
            field.name: [text(field, truth=truth)] for field in command.query
        }, command.operation
        if command.has_body:
            body = {field.name: sent(field, truth=truth) for field in taken(command)}
            told = json.loads(seen.body)
            assert {name: told.get(name) for name in body} == body, command.operation
        assert ("dry-run" in seen.headers) == (command.dry and truth)


def taken(command: Command) -> Iterator[Field]:
    """The fields of the body that have an option with their name."""
    for field in command.fields:
        is_paging = command.kind == "page" and field.name == "limit"
        if not is_paging and not (field.name == "filters" and command.filters):
            yield field


def line(command: Command, *, truth: bool) -> list[str]:
    """A command line with all options."""
    made = [command.resource, command.name, *("x" for _ in command.arguments)]
    for field in (*command.query, *taken(command)):
        name = field.name.replace("_", "-")
        if field.type == "boolean":
            made.append(f"--{name}" if truth else f"--no-{name}")
        else:
            kind = field.item if field.type == "array" else field.type
            made += [f"--{name}", VALUES[kind or "string"]]
    if command.name == "erase":
        made.append("--yes")
    if command.keyed:
        made += ["--idempotency-key", "order-1815"]
    if command.conditional:
        made += ["--if-match", '"1"']
    if command.dry and truth:
        made.append("--dry-run")
    return made


def sent(field: Field, *, truth: bool) -> Any:
    """What the body has for the value of an option."""
    if field.type == "boolean":
        return truth
    if field.type == "array":
        return [SENT[field.item or "string"]]
    return SENT[field.type]


def text(field: Field, *, truth: bool) -> str:
    """What the query has for the value of an option."""
    if field.type == "boolean":
        return "true" if truth else "false"
    kind = field.item if field.type == "array" else field.type
    return VALUES[kind or "string"]
