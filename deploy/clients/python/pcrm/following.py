"""`changes`: what has happened, and with `--follow` what happens from here on."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcrm import catalog, options
from pcrm.exits import wrong_use
from pcrm.printing import default_format, write_record, write_records
from pcrm.session import address_of, client_at
from pcrm.tree import Operations

if TYPE_CHECKING:
    from prospectconnect_client import ProspectConnect

_WAIT = 20  # seconds that a page waits for a change, the most that the API takes
_PAGE = 100


def following_options() -> list[click.Parameter]:
    """The options that say which changes."""

    def many(name: str, told: str) -> click.Option:
        return click.Option([f"--{name}"], multiple=True, metavar="TEXT", help=told)

    return [
        many("resources", "Of these types of records, e.g. contacts. Several times."),
        many("types", "These types of changes, e.g. deal.won. Several times."),
        many("include", "What comes along: changed, state. Several times."),
        click.Option(["--start"], metavar="WHEN", help="now, earliest, or a time."),
    ]


def changes_group(resource: catalog.Resource) -> click.Command:
    """The group with the operations, which is a command of its own, too."""
    told = "Goes on with what happens, until Ctrl-C."
    kept = "A file that keeps how far you are: the next run goes on from there."
    return _Changes(
        resource,
        [
            click.Option(["--follow"], is_flag=True, help=told),
            *following_options(),
            click.Option(["--cursor-file"], metavar="FILE", help=kept),
            *options.format_options(),
            *options.common_options(),
        ],
    )


class _Changes(Operations):
    """`pcrm changes`."""

    def __init__(
        self, resource: catalog.Resource, parameters: list[click.Parameter]
    ) -> None:
        super().__init__(resource)
        self.invoke_without_command, self.no_args_is_help = True, False
        self.params += parameters
        self.help = (
            "Tells the changes of records: one a line, as JSON in a pipe. It begins "
            "with the oldest that is kept and ends with the latest; with --follow it "
            "begins now and goes on. --start says otherwise."
        )
        self.callback = _tell


def _tell(**given: Any) -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        return
    from pcrm.failures import translated

    form = form_of(given[options.FORMAT])
    address = address_of(given[options.URL])
    kept = given["cursor_file"]
    body = body_of(given)
    if kept and (cursor := _cursor_in(Path(kept))):
        body["cursor"] = cursor
    elif not given["follow"]:
        body.setdefault("start", "earliest")  # from now on there is nothing yet
    with (
        translated("pcrm changes --help"),
        client_at(address, verbose=given[options.VERBOSE]) as client,
    ):
        for changes, cursor in pages(client, body, follows=given["follow"]):
            print_changes(changes, form)
            if kept:
                _keep(Path(kept), cursor)


def body_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a read of changes."""
    lists = {name: list(given[name]) for name in ("resources", "types", "include")}
    body: dict[str, Any] = {name: each for name, each in lists.items() if each}
    if given["start"]:
        body["start"] = given["start"]
    return body


def pages(
    client: "ProspectConnect", body: Mapping[str, Any], *, follows: bool
) -> Iterator[tuple[list[Any], str]]:
    """The changes page by page, each with the cursor after it."""
    from prospectconnect_client import Call

    asked = {"limit": _PAGE, **body}
    while True:
        page = client.send(Call("POST", "/v1/changes/read", asked, {})).json
        cursor = page["meta"]["cursor"]
        yield page["data"], cursor["next"]
        if not follows and not cursor["has_more"]:
            return
        asked = {**asked, "cursor": cursor["next"]}
        if follows:
            asked["wait_seconds"] = _WAIT


def line_of(change: Mapping[str, Any]) -> str:
    """A change as a line for people."""
    record, actor = change["record"], change["actor"] or {}
    who = actor.get("user_id") or actor.get("client_id") or ""
    return f"{change['at']:<27}  {change['type']:<24}  {record['id']}  {who}".rstrip()


def form_of(given: str | None) -> str:
    """The format of changes: for programs, JSON with one change a line."""
    return given or ("jsonl" if default_format() == "json" else "table")


def print_changes(changes: list[Any], form: str) -> None:
    """Prints changes, and does so at once: another program may wait for them."""
    if form == "table":
        for change in changes:
            click.echo(line_of(change))
    elif form == "json":
        for change in changes:
            write_record(change, "json")
    elif changes:
        write_records(changes, form)
    sys.stdout.flush()


def _cursor_in(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise wrong_use(f"{file} cannot be read: {error}") from error


def _keep(file: Path, cursor: str) -> None:
    """Replaces the file at once: a crash leaves the old cursor or the new one."""
    made = file.with_name(f".{file.name}.new")
    made.write_text(f"{cursor}\n", encoding="utf-8")
    made.replace(file)
