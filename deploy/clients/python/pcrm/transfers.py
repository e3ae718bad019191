"""`import` and `export`: files, with their progress."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcrm import catalog, options
from pcrm.exits import PROBLEM, CommandFailed, wrong_use
from pcrm.filters.language import filters_of
from pcrm.filters.words import FilterError
from pcrm.printing import default_format, write_record
from pcrm.session import address_of, client_at
from pcrm.telling import say
from pcrm.values import body_of

if TYPE_CHECKING:
    from prospectconnect_client import Progress, ProspectConnect

_IMPORT = catalog.command("imports", "create")
_EXPORT = catalog.command("exports", "create")
_BY_SUFFIX = {".csv": "csv", ".jsonl": "ndjson", ".ndjson": "ndjson"}
_FIRST = 3  # rejected rows whose problems are shown
_SHOWN = 10  # columns that a warning names
_STAGES = {"upload": "Sending", "job": "Working", "download": "Fetching"}


def _import(**given: Any) -> None:
    resource, file = given["resource"], Path(given["file"])
    body = _body(_IMPORT, given, resource=resource)
    body.setdefault("mode", "create")
    if "format" not in body:
        body["format"] = _BY_SUFFIX.get(file.suffix.lower(), "csv")
    from pcrm.failures import translated
    from prospectconnect_client import JobFailed

    with (
        translated("pcrm import --help"),
        client_at(address_of(given[options.URL])) as client,
        _progress() as on_progress,
    ):
        try:
            found: Any = client.imports.from_file(file, on_progress=on_progress, **body)
        except JobFailed as error:
            found = error.record
            if not found["failed"]:
                raise
        problems: list[str] = []
        if found["failed"]:
            problems = _problems(client, found["id"])
            if given["errors"]:
                client.imports.download_errors(found["id"], given["errors"])
    _print(found, given)
    _tell_unmapped(found, body)
    if failed := found["failed"]:
        where = given["errors"]
        hint = f"look into {where}" if where else "again with --errors rejected.csv"
        what = "1 row was" if failed == 1 else f"{failed} rows were"
        lines = [*problems, *(["..."] if failed > len(problems) else [])]
        raise CommandFailed(f"{what} rejected.", PROBLEM, lines=tuple(lines), hint=hint)


def _problems(client: "ProspectConnect", import_id: str) -> list[str]:
    """What is wrong with the first rejected rows, a line for each."""
    rows = client.imports.search_rows(import_id, status="failed", limit=_FIRST)
    lines = []
    for row in islice(rows, _FIRST):
        problem: Any = row["problem"] or {}
        told = [
            f"{each['field'] or 'row'}: {each['message']}"
            for each in problem.get("errors") or ()
        ]
        why = "; ".join(told) or problem.get("detail") or problem.get("title") or "?"
        lines.append(f"row {row['row']}: {why}")
    return lines


def _tell_unmapped(found: Any, body: Mapping[str, Any]) -> None:
    """Warns of columns that gave no field."""
    columns = (found["result"] or {}).get("unmapped") or []
    if not columns:
        return
    shown = ", ".join(map(str, columns[:_SHOWN]))
    more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    say(f"Warning: columns without a field were left out: {shown}{more}.", "33")
    if body.get("mapping"):
        say("  With a mapping, columns that it does not name are not matched.")
    say('Try: --set \'mapping:={"Column": "field", ...}\' with all columns', "2")


def _export(**given: Any) -> None:
    resource, folder = given["resource"], Path(given["folder"])
    body = _body(_EXPORT, given, resource=resource)
    body.setdefault("format", "csv")
    if given[options.FILTER]:
        body["filters"] = _filters(resource, given[options.FILTER])
    from pcrm.failures import translated

    with (
        translated("pcrm export --help"),
        client_at(address_of(given[options.URL])) as client,
        _progress() as on_progress,
    ):
        found = client.exports.to_folder(folder, on_progress=on_progress, **body)
    for path in found.paths:
        click.echo(path)


def _body(command: catalog.Command, given: Any, *, resource: str) -> dict[str, Any]:
    fields = options.given_fields(command, given)
    fields = {field: each for field, each in fields.items() if field.name != "resource"}
    body = body_of(given[options.JSON], given[options.SET], fields)
    return {**body, "resource": resource}


def _filters(resource: str, texts: tuple[str, ...]) -> list[Any]:
    """The filters, by the fields of the resource; of own objects those of all."""
    name = resource.replace("_", "-")
    known = name if name in catalog.resources() else "custom-records"
    fields = catalog.command(known, "search").filters
    try:
        return [each for text in texts for each in filters_of(text, fields)]
    except FilterError as error:
        raise wrong_use(f"--filter: {error}", "pcrm help filters") from error


def _print(record: Any, given: Any) -> None:
    """Writes the record; for people only what counts."""
    form = given[options.FORMAT] or default_format()
    if form == "table" and not given[options.COLUMNS]:
        counts = ("id", "state", "created", "updated", "deleted", "unchanged", "failed")
        write_record({name: record[name] for name in counts if name in record}, form)
        return
    columns = [each for each in (given[options.COLUMNS] or "").split(",") if each]
    write_record(record, form, columns)


@contextmanager
def _progress() -> "Iterator[Callable[[Progress], object]]":
    """Shows bars on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    tasks: dict[str, Any] = {}
    with Bars(console=Console(stderr=True)) as bars:

        def show(told: "Progress") -> None:
            if told.stage not in tasks:
                tasks[told.stage] = bars.add_task(_STAGES[told.stage])
            bars.update(tasks[told.stage], completed=told.done, total=told.total)

        yield show


def _field_options(command: catalog.Command, *without: str) -> list[click.Parameter]:
    """The options of a command's fields. What it requires has a default here."""
    hidden = {*(f"field_{name}" for name in without), options.KEY, options.DRY}
    made: list[click.Parameter] = []
    for each in options.parameters(command):
        if isinstance(each, click.Option) and each.name not in hidden:
            each.help = (each.help or "").removesuffix(" Required.")
            made.append(each)
    return made


import_command = click.Command(
    "import",
    callback=_import,
    short_help="Import records from a file, with progress",
    help=(
        "Imports the rows of FILE as records of RESOURCE: contacts, companies, or the "
        "slug of an own object. The mode is create by default, and the format that of "
        "the file's name. The exit code is 1 if rows were rejected."
    ),
    params=[
        click.Argument(["resource"]),
        click.Argument(["file"], type=click.Path(exists=True, dir_okay=False)),
        click.Option(
            ["--errors"], metavar="FILE", help="Where to write rejected rows."
        ),
        *_field_options(_IMPORT, "resource"),
    ],
)
export_command = click.Command(
    "export",
    callback=_export,
    short_help="Export records to files, with progress",
    help=(
        "Exports the records of RESOURCE into FOLDER, as CSV by default, and prints "
        "the paths of the files."
    ),
    params=[
        click.Argument(["resource"]),
        click.Argument(["folder"], type=click.Path(file_okay=False)),
        click.Option(
            ["--filter", options.FILTER],
            multiple=True,
            metavar="FILTER",
            help="Which records; see pcrm help filters.",
        ),
        *_field_options(_EXPORT, "resource", "resources", "filters"),
    ],
)
