"""`schema pull`, `schema diff` and `schema push`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcrm import options
from pcrm.exits import PROBLEM, CommandFailed, wrong_use
from pcrm.schema.plan import STYLES, Step, plan, summary
from pcrm.schema.shape import Schema, read_live
from pcrm.session import address_of, client_at
from pcrm.telling import coloured, plain, say
from pcrm.values import read_text

if TYPE_CHECKING:
    from prospectconnect_client import ProspectConnect

_url = click.option("--url", options.URL, metavar="URL", help="The address of the API.")
_allow_delete = click.option(
    "--allow-delete", is_flag=True, help="Archives what the file does not have."
)


@click.group("schema", short_help="Keep own fields and objects in a file")
def schema_command() -> None:
    """Keeps own fields, objects and association types in a YAML file.

    pull writes the file, diff shows what a push would do, and push does it. A push that
    has been done does nothing when it is done again.
    """


@schema_command.command("pull")
@click.argument("file", required=False)
@_url
def pull(file: str | None, **given: Any) -> None:
    """Writes the tenant's schema to FILE, or to standard output."""
    from pcrm.schema.documents import written

    with _connected(given) as (_, live):
        text = written(live)
    if file is None or file == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise wrong_use(f"{file} cannot be written: {error.strerror}.") from error
    say(f"The schema is in {file}.", "2")


@schema_command.command("diff")
@click.argument("file")
@_allow_delete
@_url
def diff(file: str, allow_delete: bool, **given: Any) -> None:
    """Shows what a push of FILE would do. The exit code is 1 if that is something."""
    with _connected(given) as (_, live):
        steps = _steps(file, live, allow_delete=allow_delete)
    _show(steps)
    if steps:
        sys.stdout.flush()
        raise CommandFailed(
            "The tenant differs from the file.",
            PROBLEM,
            hint=f"pcrm schema push {file}",
        )


@schema_command.command("push")
@click.argument("file")
@_allow_delete
@click.option("--yes", "-y", is_flag=True, help="Does not ask.")
@_url
def push(file: str, allow_delete: bool, yes: bool, **given: Any) -> None:
    """Makes the tenant's schema that of FILE.

    It shows the plan and asks. What the file does not have stays, unless --allow-delete
    is given; then it is archived. Step after step is done. If one fails, those before
    it stay done, and the same command goes on.
    """
    with _connected(given) as (client, live):
        steps = _steps(file, live, allow_delete=allow_delete)
        _show(steps)
        if not steps:
            return
        if not yes:
            _ask(file)
        _apply(client, steps)


def _apply(client: "ProspectConnect", steps: list[Step]) -> None:
    from pcrm.schema.applying import apply

    for number, step in enumerate(steps, 1):
        try:
            apply(client, step)
        except Exception:
            say(f"{number - 1} of {len(steps)} steps are done. This one failed:")
            say(step.told())
            raise
    say(f"Done: {len(steps)} of {len(steps)} steps.", "32")


def _ask(file: str) -> None:
    if file == "-" or not sys.stdin.isatty():
        raise wrong_use("Nobody can be asked here.", "--yes, after a look at the plan")
    click.confirm("Do this?", abort=True, err=True)


def _steps(file: str, live: Schema, *, allow_delete: bool) -> list[Step]:
    from pcrm.schema.documents import read_file

    text = read_text(file if file == "-" else f"@{file}")
    steps = plan(live, read_file(text, live))
    kept = [each for each in steps if allow_delete or each.verb != "delete"]
    for step in steps:
        if step not in kept:
            say(
                f"Stays: {step.item.part} {step.item.name}, without --allow-delete", "2"
            )
    return kept


def _show(steps: list[Step]) -> None:
    for step in steps:
        told = coloured(plain(step.told()), STYLES[step.verb], sys.stdout)
        click.echo(told, color=True)
    click.echo(
        summary(steps) if steps else "Nothing to do: the tenant is like the file."
    )


@contextmanager
def _connected(given: Any) -> "Iterator[tuple[ProspectConnect, Schema]]":
    """A client, and the schema of its tenant."""
    from pcrm.failures import translated
    from pcrm.schema.applying import records_of

    with (
        translated("pcrm schema --help"),
        client_at(address_of(given[options.URL])) as client,
    ):
        ask: Callable[[str], Iterator[Any]] = records_of(client)
        yield client, read_live(ask)
