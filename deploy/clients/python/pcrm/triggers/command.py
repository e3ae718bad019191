"""The command `trigger`: what it takes, where it works, and what it tells."""

import time
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from pcrm import catalog, options
from pcrm.exits import PROBLEM, CommandFailed, wrong_use
from pcrm.following import form_of, print_changes
from pcrm.session import address_of, client_at
from pcrm.triggers.acting import Actor
from pcrm.triggers.every_type import NOT_MADE, TYPES
from pcrm.triggers.recipes import Kind
from pcrm.values import body_of

if TYPE_CHECKING:
    from prospectconnect_client import ProspectConnect

_PATIENCE = 30  # seconds for the change to be told; it usually takes a quarter of one
_WAIT = 10
_HINT = "pcrm sandboxes create --name Trial --copy schema, and its token in PCRM_TOKEN"


def _trigger(**given: Any) -> None:
    name = given["type"]
    if name not in TYPES:
        raise _unknown(name)
    kind, recipe = TYPES[name]
    wanted = _wanted(kind, given)
    from pcrm.failures import translated

    address = address_of(given[options.URL])
    form = form_of(given[options.FORMAT])
    with (
        translated("pcrm trigger --help"),
        client_at(address, verbose=given[options.VERBOSE]) as client,
    ):
        _refuse_live(client)
        actor = Actor(client, wanted, given["object"] or "")
        if kind.is_own and not actor.slug:
            actor = Actor(client, wanted, _own_object(actor))
        for _ in range(given["times"]):
            body = {"types": [name], "include": ["changed", "state"]}
            cursor = _read(client, {**body, "start": "now"})["meta"]["cursor"]["next"]
            made = recipe(kind, actor)
            change = _told(client, {**body, "cursor": cursor}, made)
            print_changes([change], form)


def _unknown(name: str) -> CommandFailed:
    if name in NOT_MADE:
        return wrong_use(f"{name} is a change that nothing can make at once.")
    near = get_close_matches(name, TYPES, 3) or ["pcrm trigger --help"]
    return wrong_use(f"There is no type {name!r}.", " or ".join(near))


def _wanted(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the user sets, of the types that the fields have."""
    fields = catalog.command(kind.resource, "create").fields
    none = dict.fromkeys(fields)
    return body_of(given[options.JSON], given[options.SET], none)


def _refuse_live(client: "ProspectConnect") -> None:
    """Raises CommandFailed where made-up records are out of place."""
    from prospectconnect_client import Call

    me = client.send(Call("GET", "/v1/me", None, {})).json
    if me.get("sandbox") is not True:
        name = me["business"]["name"]
        message = f"{name} is no sandbox. trigger makes up records, so it works there"
        raise wrong_use(f"{message} alone.", _HINT)


def _own_object(actor: Actor) -> str:
    """The first of the sandbox's own objects."""
    for each in actor.all_of("objects"):
        if not each["built_in"] and not each["archived"]:
            return str(each["slug"])
    raise wrong_use("The sandbox has no own object.", "pcrm objects create --help")


def _read(client: "ProspectConnect", body: Mapping[str, Any]) -> Any:
    from prospectconnect_client import Call

    return client.send(Call("POST", "/v1/changes/read", {**body}, {})).json


def _told(client: "ProspectConnect", body: Mapping[str, Any], record: str) -> Any:
    """The change of a record, as the feed tells it."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        page = _read(client, {**body, "wait_seconds": _WAIT})
        for change in page["data"]:
            if change["record"]["id"] == record:
                return change
        body = {**body, "cursor": page["meta"]["cursor"]["next"]}
    (name,) = body["types"]
    message = f"{record} was made, and its {name} is not told yet."
    raise CommandFailed(message, PROBLEM, hint="pcrm changes")


def _complete(_: click.Context, __: click.Parameter, given: str) -> list[str]:
    return [each for each in TYPES if each.startswith(given)]


def _listed() -> str:
    """All types for the help, those of a kind on a line."""
    lines: dict[str, list[str]] = {}
    for name in TYPES:
        kind, _, verb = name.partition(".")
        lines.setdefault(kind, []).append(verb)
    told = (f"  {kind:<12} {' '.join(verbs)}" for kind, verbs in lines.items())
    return "\b\nTypes, as contact.created:\n" + "\n".join(told)


trigger_command = click.Command(
    "trigger",
    callback=_trigger,
    short_help="Make a change of a type in a sandbox",
    help=(
        "Makes a change of a TYPE in a sandbox, by made-up records, so that your "
        "webhook or program meets it. It tells each call that it makes, and prints "
        "the change. What it takes on the way is a change, too: contact.deleted "
        "creates the contact first. It is refused outside a sandbox."
    ),
    epilog=_listed(),
    params=[
        click.Argument(["type"], metavar="TYPE", shell_complete=_complete),
        click.Option(
            ["--set", options.SET],
            multiple=True,
            metavar="PATH=VALUE",
            help="Sets a value of the made-up record: city=Berlin, or with := as JSON.",
        ),
        click.Option(
            ["--json", options.JSON],
            metavar="JSON",
            help="Values of the record: JSON, @FILE, or - for standard input.",
        ),
        click.Option(
            ["--object"],
            metavar="SLUG",
            help="The own object of a record.*; the first.",
        ),
        click.Option(
            ["--times"],
            type=click.IntRange(1, 1000),
            default=1,
            show_default=True,
            help="How many of them.",
        ),
        *options.format_options()[:1],
        *options.common_options(),
    ],
)
