"""The options of a command, made from what the catalog knows of its operation."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

from pcrm.catalog import Command, Field
from pcrm.printing import FORMATS

# The names of options that commands have besides those of their fields.
FORMAT, COLUMNS, LIMIT, ALL = "_format", "_columns", "_limit", "_all"
JSON, SET, FILTER, YES = "_json", "_set", "_filter", "_yes"
KEY, MATCH, DRY, OUTPUT, URL, VERBOSE = (
    *("_key", "_match", "_dry", "_output"),
    *("_url", "_verbose"),
)
_METAVARS = {"integer": "NUMBER", "object": "JSON", "array": "TEXT", "json": "VALUE"}


def parameters(command: Command) -> list[click.Parameter]:
    """All parameters of a command."""
    made: list[click.Parameter] = [
        click.Argument([_name(name)], metavar=name.upper())
        for name, _ in command.arguments
    ]
    if command.kind == "upload":
        made.append(click.Argument([OUTPUT], metavar="FILE"))
    if command.filters:
        made.append(_filter(command))
    if command.kind == "page":
        made += _of_pages()
    made += [
        _option(field)
        for field in (*command.query, *command.fields)
        if not _is_replaced(field, command)
    ]
    if command.has_body and command.fields:
        made += _of_bodies()
    if command.kind == "file":
        told = "The file to write; standard output by default."
        made.append(click.Option(["--output", "-o", OUTPUT], metavar="FILE", help=told))
    return [*made, *_of_calls(command), *_of_output(command)]


def common_options(taken: Collection[str] = ()) -> list[click.Parameter]:
    """The options of every command that calls the API.

    `taken` are names of fields, which have the option of that name.
    """
    return [
        click.Option(
            [*_free(["--api-url", "--url"], taken), URL],
            metavar="URL",
            help="The address of the API; or PCRM_URL.",
        ),
        click.Option(
            ["--verbose", "-v", VERBOSE], is_flag=True, help="Shows each request."
        ),
    ]


def format_options(taken: Collection[str] = ()) -> list[click.Parameter]:
    """The options of commands that print records. `taken`: see `common_options`."""
    return [
        click.Option(
            [*_free(["--output-format", "--format"], taken), "-f", FORMAT],
            type=click.Choice(FORMATS),
            help="By default a table in a terminal, and JSON in a pipe.",
        ),
        click.Option(
            ["--columns", COLUMNS],
            metavar="NAMES",
            help="What a table or CSV shows: id,name,custom_fields.seats",
        ),
    ]


def is_final(command: Command) -> bool:
    """Whether it cannot be undone, so that somebody is to be asked."""
    return command.name == "erase"


def given_fields(command: Command, given: Mapping[str, Any]) -> dict[Field, Any]:
    """The values of the body's fields, those not given included."""
    return {field: given.get(_name(field.name)) for field in command.fields}


def given_query(command: Command, given: Mapping[str, Any]) -> dict[Field, Any]:
    """The values of the query, without those not given."""
    told = {field: given.get(_name(field.name)) for field in command.query}
    return {field: value for field, value in told.items() if value not in (None, ())}


def given_arguments(command: Command, given: Mapping[str, Any]) -> dict[str, str]:
    """The values of the path's variables."""
    return {name: given[_name(name)] for name, _ in command.arguments}


def _name(field: str) -> str:
    return f"field_{field}"


def _is_replaced(field: Field, command: Command) -> bool:
    """Whether a field has an option of its own below."""
    if field.name == "filters" and command.filters:
        return True
    return command.kind == "page" and field.name == "limit"


def _option(field: Field) -> click.Option:
    flag = f"--{field.name.replace('_', '-')}"
    names = [flag, _name(field.name)]
    told = _help(field)
    if field.type == "boolean":
        return click.Option(
            [f"{flag}/--no-{flag[2:]}", names[1]], default=None, help=told
        )
    return click.Option(
        names,
        multiple=field.type == "array",
        metavar=_METAVARS.get(field.type, "TEXT"),
        help=told,
        shell_complete=_completing(field),
    )


def _help(field: Field) -> str:
    told = field.description
    if field.choices and not all(each in told for each in field.choices):
        shown = ", ".join(field.choices[:12])
        more = ", ..." if len(field.choices) > 12 else ""
        told = f"{told} One of: {shown}{more}."
    if field.type == "array":
        told += " May be given several times."
    if field.required:
        told += " Required."
    return told


def _completing(field: Field) -> Any:
    def complete(_: click.Context, __: click.Parameter, given: str) -> list[str]:
        return [each for each in field.choices if each.startswith(given)]

    return complete if field.choices else None


def _filter(command: Command) -> click.Option:
    fields = command.filters

    def complete(_: click.Context, by: click.Parameter, given: str) -> list[str]:
        before, __, last = given.rpartition(" ")
        lead = f"{before} " if before else ""
        return [f"{lead}{each}" for each in fields if each.startswith(last)]

    told = (
        "Which records: `city = Berlin and lead_score >= 50`. May be given several "
        "times: all must hold. See `pcrm help filters`."
    )
    return click.Option(
        ["--filter", FILTER],
        multiple=True,
        metavar="FILTER",
        help=told,
        shell_complete=complete,
    )


def _of_bodies() -> list[click.Parameter]:
    example = "custom_fields.seats=3"
    return [
        click.Option(
            ["--set", SET],
            multiple=True,
            metavar="PATH=VALUE",
            help=f"Sets a value inside the body: {example}, or with := as JSON.",
        ),
        click.Option(
            ["--json", JSON],
            metavar="JSON",
            help="The body: JSON, @FILE, or - for standard input.",
        ),
    ]


def _of_pages() -> list[click.Parameter]:
    return [
        click.Option(
            ["--limit", LIMIT],
            type=click.IntRange(1),
            help="The most records to print; 100 by default.",
        ),
        click.Option(["--all", ALL], is_flag=True, help="Prints all records."),
    ]


def _of_calls(command: Command) -> list[click.Parameter]:
    made: list[click.Parameter] = []
    if command.keyed:
        told = "Makes a repetition of the command harmless; else each run has its own."
        made.append(click.Option(["--idempotency-key", KEY], metavar="KEY", help=told))
    if command.conditional:
        told = "Does it only if the record still has this ETag."
        made.append(click.Option(["--if-match", MATCH], metavar="ETAG", help=told))
    if command.dry:
        told = "Only shows what would happen."
        made.append(click.Option(["--dry-run", DRY], is_flag=True, help=told))
    if is_final(command):
        told = "Does not ask, although this cannot be undone."
        made.append(click.Option(["--yes", "-y", YES], is_flag=True, help=told))
    return made


def _of_output(command: Command) -> list[click.Parameter]:
    taken = {field.name for field in (*command.query, *command.fields)}
    if command.kind in {"file", "nothing", "upload"}:
        return common_options(taken)
    return [*format_options(taken), *common_options(taken)]


def _free(flags: Sequence[str], taken: Collection[str]) -> list[str]:
    """The names of an option without those that a field has."""
    return [each for each in flags if each.removeprefix("--") not in taken]
