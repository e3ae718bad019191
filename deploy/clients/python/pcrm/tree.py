"""The tree of commands. A resource's commands are made when somebody asks for them."""

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module, metadata
from typing import Any

import click

from pcrm import catalog
from pcrm.help_texts import BEGINNING, ENDING

# What no single operation does: the module and the function of each, and a line.
_OWN = {
    "login": ("pcrm.login_commands", "Log in with the browser"),
    "logout": ("pcrm.login_commands", "End the login and forget it"),
    "import": ("pcrm.transfers", "Import records from a file, with progress"),
    "export": ("pcrm.transfers", "Export records to files, with progress"),
    "listen": ("pcrm.listening", "Send changes to a program on this machine"),
    "trigger": ("pcrm.triggers.command", "Make a change of a type in a sandbox"),
    "schema": ("pcrm.schema.commands", "Keep own fields and objects in a file"),
    "completion": ("pcrm.completions", "Print the completions for a shell"),
    "help": ("pcrm.help_command", "Explain filters, values, exit codes, ..."),
}
_WIDTH = {"max_content_width": 100, "help_option_names": ["--help", "-h"]}
# The commands of a resource that people use most, in this order.
_USUAL = ("search", "get", "create", "update", "delete", "upsert")


Resolved = tuple[str | None, click.Command | None, list[str]]


def _resolved(
    group: click.Group,
    resolve: Callable[[click.Context, list[str]], Resolved],
    ctx: click.Context,
    args: list[str],
) -> Resolved:
    try:
        return resolve(ctx, args)
    except click.UsageError as error:
        near = get_close_matches(args[0], group.list_commands(ctx), 3)
        if near and "No such command" in error.message:
            hint = f"Did you mean {' or '.join(near)}?"
            raise click.UsageError(f"{error.message} {hint}", ctx) from error
        raise


class Operations(click.Group):
    """The commands of a resource."""

    def __init__(self, resource: catalog.Resource) -> None:
        super().__init__(
            resource.name, help=resource.description, context_settings=_WIDTH
        )
        self.resource = resource

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The usual ones first."""
        names = self.resource.commands
        usual = [each for each in _USUAL if each in names]
        return [*usual, *(each for each in names if each not in usual)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command, made from its operation."""
        name = cmd_name.replace("_", "-")
        if name not in self.resource.commands:
            return None
        return _command(catalog.command(self.resource.name, name))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Resolved:
        """Finds a command; the error for an unknown one names those that are near."""
        return _resolved(self, super().resolve_command, ctx, args)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes a line for each command, without making it."""
        rows = [
            (each, self.resource.commands[each]) for each in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Tree(click.Group):
    """All commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The own ones, then the resources."""
        return [*_OWN, *catalog.resources()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command; only its module is imported."""
        name = cmd_name.replace("_", "-")
        if name in _OWN:
            module, _ = _OWN[name]
            found = getattr(import_module(module), f"{name}_command")
            made: click.Command = found
            return made
        resource = catalog.resources().get(name)
        if resource is None:
            return None
        if name == "changes":
            following = import_module("pcrm.following")
            group: click.Command = following.changes_group(resource)
            return group
        return Operations(resource)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes both kinds of commands under headings of their own."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _OWN.items()])
        resources = catalog.resources().values()
        with formatter.section("Resources, each with its operations"):
            formatter.write_dl(
                [(each.name, _first(each.description)) for each in resources]
            )

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Resolved:
        """Finds a command; the error for an unknown one names those that are near."""
        return _resolved(self, super().resolve_command, ctx, args)


def _first(description: str) -> str:
    """The first sentence of a description."""
    return description.partition(". ")[0].rstrip(".").replace("`", "")


def _command(told: catalog.Command) -> click.Command:
    from pcrm.calling import run
    from pcrm.options import parameters

    def callback(**given: Any) -> None:
        run(told, given)

    arguments = "\n\n".join(f"{name.upper()}: {each}" for name, each in told.arguments)
    return click.Command(
        told.name,
        callback=callback,
        params=parameters(told),
        help=f"{told.description}\n\n{arguments}".replace("`", ""),
        short_help=told.summary,
        epilog=f"API: {told.method} {told.path}, operation {told.operation}",
        context_settings=_WIDTH,
    )


def command_tree() -> click.Group:
    """The command `pcrm`."""
    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_tell_version,
        help="Shows the version of pcrm and of the API that it knows.",
    )
    return Tree(
        "pcrm",
        help=BEGINNING,
        epilog=ENDING,
        params=[version],
        context_settings=_WIDTH,
    )


def _tell_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if not is_asked or ctx.resilient_parsing:
        return
    from prospectconnect_client import VERSION

    try:
        own = metadata.version("prospectconnect-client")
    except metadata.PackageNotFoundError:
        own = "(not installed)"
    click.echo(f"pcrm {own}, for the API of {VERSION}")
    ctx.exit()
