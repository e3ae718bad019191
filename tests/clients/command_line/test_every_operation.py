"""Every operation of the document is a command, and makes the call of it."""

import json
from collections.abc import Iterator
from pathlib import Path

from pcrm import catalog
from pcrm.catalog import Command, Field
from prospectconnect_client import VERSION
from tests.clients.command_line.shell import Shell
from tests.clients.unreliable import Network, Said

DOCUMENT = json.loads(Path(f"gen/openapi/{VERSION}.json").read_text())
EMPTY = Said(200, {}, b'{"data": [], "meta": {"cursor": {"next": null}}}')
NO_FILE = Said(200, {"X-Size-Of-Head": "0"})
STRANGE, QUOTED = "a/b ä", "a%2Fb%20%C3%A4"
VALUES = {
    "string": "x",
    "integer": "3",
    "number": "3.5",
    "object": '{"a": 1}',
    "json": "x",
}


def commands() -> Iterator[Command]:
    """All commands of resources."""
    for resource in catalog.resources().values():
        for name in resource.commands:
            yield catalog.command(resource.name, name)


def test_every_operation_is_a_command() -> None:
    told = [
        operation["operationId"]
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
    ]
    assert sorted(told) == sorted(each.operation for each in commands())


def test_a_command_makes_the_call_of_its_operation(
    shell: Shell, network: Network, tmp_path: Path
) -> None:
    content = tmp_path / "content"
    content.write_bytes(b"a,b\n")
    for command in commands():
        network.seen.clear()
        network.faults.append(NO_FILE if command.kind == "file" else EMPTY)
        done = shell.run(*arguments(command, str(content)))
        assert done.code == 0, (command.operation, done.err)
        (seen,) = network.seen
        path = command.path
        for name, _ in command.arguments:
            path = path.replace(f"{{{name}}}", QUOTED)
        method = "HEAD" if command.kind == "file" else command.method
        assert (seen.method, seen.path) == (method, path), command.operation
        assert seen.headers["version"] == VERSION
        assert ("idempotency-key" in seen.headers) == command.keyed


def arguments(command: Command, content: str) -> list[str]:
    """A command line with the values that the operation demands."""
    made = [command.resource, command.name, *(STRANGE for _ in command.arguments)]
    if command.kind == "upload":
        made.append(content)
    if command.name == "erase":
        made.append("--yes")
    for field in command.fields:
        if field.required:
            made += option(field)
    return made


def option(field: Field) -> list[str]:
    """An option with a value of its type."""
    flag = f"--{field.name.replace('_', '-')}"
    if field.type == "boolean":
        return [flag]
    kind = field.item if field.type == "array" else field.type
    return [flag, VALUES[kind or "string"]]


def test_every_command_has_help(shell: Shell) -> None:
    for command in commands():
        done = shell.run(command.resource, command.name, "--help")
        assert done.code == 0, done.err
        assert f"pcrm {command.resource} {command.name}" in done.out
        for field in (*command.query, *command.fields):
            if field.name not in {"limit", "filters"}:
                assert f"--{field.name.replace('_', '-')}" in done.out


def test_a_field_takes_what_it_holds_and_nothing_else(
    shell: Shell, network: Network
) -> None:
    """Of each type one field is tried with a value of it, and with one that is none."""
    fields: dict[str, tuple[Command, Field]] = {}
    for command in commands():
        if not command.arguments and not any(each.required for each in command.fields):
            for field in command.fields:
                fields.setdefault(field.type, (command, field))
    tried = {"integer": "x", "object": "[1]"}
    for kind, wrong in tried.items():
        command, field = fields[kind]
        flag = f"--{field.name.replace('_', '-')}"
        done = shell.run(command.resource, command.name, flag, wrong)
        assert (done.code, network.seen) == (2, []), kind
        assert flag in done.err
