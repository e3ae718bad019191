"""Runs a command that is one operation."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import click

from pcrm import options
from pcrm.catalog import Command
from pcrm.exits import wrong_use
from pcrm.filters.language import filters_of
from pcrm.filters.words import FilterError
from pcrm.printing import default_format, write_record, write_records
from pcrm.session import address_of, client_at
from pcrm.telling import plain, say
from pcrm.values import body_of

if TYPE_CHECKING:
    from prospectconnect_client import Call, ProspectConnect

_PAGE = 100
_PIECE_BYTES = 4 * 1024 * 1024
_LARGEST_UPLOAD = 64 * 1024 * 1024


def run(command: Command, given: Mapping[str, Any]) -> None:
    """Makes the call of a command and prints what comes back."""
    help_of = f"pcrm {command.resource} {command.name} --help"
    call = call_of(command, given)
    if options.is_final(command) and not (given[options.YES] or given[options.DRY]):
        _ask(command, given)
    address = address_of(given[options.URL])
    from pcrm.failures import translated

    with (
        translated(help_of),
        client_at(address, verbose=given[options.VERBOSE]) as client,
    ):
        _RUNS[command.kind](client, call, command, given)


def _ask(command: Command, given: Mapping[str, Any]) -> None:
    """Asks before what cannot be undone. Where nobody can be asked, it is an error."""
    named = " ".join(options.given_arguments(command, given).values())
    if not sys.stdin.isatty():
        told = f"This cannot be undone, and nobody can be asked here: {named}."
        raise wrong_use(told, "--yes, or a look with --dry-run")
    say(f"{command.summary}: {plain(named)}. This cannot be undone.", "33")
    click.confirm("Do this?", abort=True, err=True)


def call_of(command: Command, given: Mapping[str, Any]) -> "Call":
    """The call. Raises CommandFailed for what cannot be one."""
    from prospectconnect_client import Call

    body = None
    if command.has_body and command.kind != "upload":
        body = _body(command, given)
    told = {
        "Idempotency-Key": given.get(options.KEY),
        "If-Match": given.get(options.MATCH),
        "Dry-Run": "true" if given.get(options.DRY) else None,
    }
    return Call(
        command.method,
        _path(command, given),
        body,
        {name: value for name, value in told.items() if value is not None},
        command.keyed,
        command.repeatable,
        content=_content(given[options.OUTPUT]) if command.kind == "upload" else None,
    )


def _body(command: Command, given: Mapping[str, Any]) -> dict[str, Any]:
    fields = options.given_fields(command, given)
    body = body_of(given.get(options.JSON), given.get(options.SET, ()), fields)
    filters = list(body.get("filters") or [])
    for text in given.get(options.FILTER, ()):
        try:
            filters += filters_of(text, command.filters)
        except FilterError as error:
            raise wrong_use(f"--filter: {error}", "pcrm help filters") from error
    if filters:
        body["filters"] = filters
    missing = [
        each for each in command.fields if each.required and each.name not in body
    ]
    if missing:
        flags = ", ".join(f"--{each.name.replace('_', '-')}" for each in missing)
        help_of = f"pcrm {command.resource} {command.name} --help"
        raise wrong_use(f"Missing: {flags}.", help_of)
    return body


def _path(command: Command, given: Mapping[str, Any]) -> str:
    path = command.path
    for name, value in options.given_arguments(command, given).items():
        if value in {"", ".", ".."}:
            raise wrong_use(f"{name.upper()} is {value!r}, which no path can contain.")
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    query = {
        field.name: _query_text(value)
        for field, value in options.given_query(command, given).items()
    }
    return f"{path}?{urlencode(query, safe=',', quote_via=quote)}" if query else path


def _query_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _content(name: str) -> bytes:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(_LARGEST_UPLOAD + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(_LARGEST_UPLOAD + 1)
    except OSError as error:
        raise wrong_use(f"{name} cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST_UPLOAD:
        raise wrong_use(f"{name} is too large for one call.", "pcrm import")
    return content


def _form(given: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The format and the columns."""
    told = given[options.COLUMNS] or ""
    columns = [each.strip() for each in told.split(",") if each.strip()]
    return given[options.FORMAT] or default_format(), columns


def _print_record(
    client: "ProspectConnect", call: "Call", _: Command, given: Mapping[str, Any]
) -> None:
    answer = client.send(call)
    if answer.json is not None:
        form, columns = _form(given)
        (record,) = _with_columns(iter([answer.json]), columns)
        write_record(record, form, columns)
    if answer.replayed:
        say("This is the stored answer of an earlier call with the same key.", "2")


def _print_page(
    client: "ProspectConnect", call: "Call", command: Command, given: Mapping[str, Any]
) -> None:
    takes_limit = any(field.name == "limit" for field in command.fields)
    most = _most(call, given)
    records = _records(client, call, most, takes_limit=takes_limit)
    form, columns = _form(given)
    write_records(_with_columns(records, columns), form, columns)


def _most(call: "Call", given: Mapping[str, Any]) -> int | None:
    """The most records to print, by `--all`, `--limit` or the limit of `--json`."""
    if given[options.ALL]:
        return None
    told = (call.body or {}).get("limit")
    in_body = told if type(told) is int and told > 0 else _PAGE
    limit: int = given[options.LIMIT] or in_body
    return limit


def _with_columns(records: Iterator[Any], columns: Sequence[str]) -> Iterator[Any]:
    """The records; warns if the first one lacks a column that was asked for."""
    for number, record in enumerate(records):
        if number == 0 and isinstance(record, Mapping):
            strange = [each for each in columns if each.split(".")[0] not in record]
            if strange:
                known = ", ".join(record)
                say(f"Warning: no column {', '.join(strange)}. One of: {known}", "33")
        yield record


def _records(
    client: "ProspectConnect", call: "Call", most: int | None, *, takes_limit: bool
) -> Iterator[Any]:
    """The records of all pages; `most` of them, with a note if there are more."""
    body = dict(call.body or {})
    left = most
    while True:
        if takes_limit:
            body["limit"] = _PAGE if left is None else min(left, _PAGE)
        page = client.send(replace(call, body=body)).json
        if (total := page["meta"].get("total")) is not None and "cursor" not in body:
            say(f"{total} in all", "2")
        found = page["data"] if left is None else page["data"][:left]
        yield from found
        cursor = page["meta"].get("cursor") or {}
        has_more = cursor.get("next") is not None and cursor.get("has_more", True)
        if left is not None:
            left -= len(found)
            has_more = has_more or len(found) < len(page["data"])
        if not has_more:
            return
        if left == 0:
            say(f"There are more than these {most}: --all, or a larger --limit.", "2")
            return
        body["cursor"] = cursor["next"]


def _print_nothing(
    client: "ProspectConnect", call: "Call", command: Command, given: Mapping[str, Any]
) -> None:
    client.send(call)
    named = " ".join(options.given_arguments(command, given).values())
    done = (
        "A dry run, nothing was done: it would" if given.get(options.DRY) else "Done:"
    )
    say(f"{done} {command.summary.lower()}, {named}", "2")


def _print_file(
    client: "ProspectConnect", call: "Call", _: Command, given: Mapping[str, Any]
) -> None:
    """Writes a file piece by piece, so that its size does not matter."""
    target = given[options.OUTPUT]
    if not target:
        for piece in _pieces(client, call):
            sys.stdout.buffer.write(piece)
        return
    with Path(target).open("wb") as file:
        for piece in _pieces(client, call):
            file.write(piece)


def _pieces(client: "ProspectConnect", call: "Call") -> Iterator[bytes]:
    size = int(client.send(replace(call, method="HEAD")).headers["content-length"])
    for begin in range(0, size, _PIECE_BYTES):
        end = min(begin + _PIECE_BYTES, size)
        told = {**call.headers, "Range": f"bytes={begin}-{end - 1}"}
        yield client.send(replace(call, headers=told)).body


def _print_stream(
    client: "ProspectConnect", call: "Call", _: Command, given: Mapping[str, Any]
) -> None:
    from pcrm.streaming import events

    for change in events(address_of(given[options.URL]), call):
        write_records([change], given[options.FORMAT] or "jsonl")
        sys.stdout.flush()


_RUNS = {
    "record": _print_record,
    "page": _print_page,
    "nothing": _print_nothing,
    "upload": _print_nothing,
    "file": _print_file,
    "stream": _print_stream,
}
