"""`listen`: changes become signed webhook calls on one's own machine.

A program that is to receive webhooks is tried where it is written, without an address
that the internet can reach. The requests are those of a webhook, and are signed alike.
"""

import hmac
import os
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from pcrm import options
from pcrm.exits import CommandFailed, wrong_use
from pcrm.following import body_of, following_options, line_of, pages
from pcrm.printing import compact
from pcrm.session import address_of, client_at
from pcrm.telling import plain, say

if TYPE_CHECKING:
    import httpx2

_PREFIX = "whsec_"
_PATIENCE = 15.0  # seconds for an answer, as webhooks have it
_EVERY = "*"
_LARGEST_BODY = 256 * 1024


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where requests go, and the secret that signs them."""

    url: str
    secret: str

    def send(self, http: "httpx2.Client", change: Mapping[str, Any]) -> int:
        """Sends a change; returns the status. Raises the client's errors."""
        body = webhook_body(change)
        headers = signed(self.secret, str(change["id"]), int(time.time()), body)
        told = {"Content-Type": "application/json", **headers}
        return int(http.post(self.url, content=body, headers=told).status_code)


def webhook_body(change: Mapping[str, Any]) -> bytes:
    """The body of the request for a change, as webhooks have it."""
    head: dict[str, Any] = {"type": change["type"], "timestamp": change["at"]}
    body = compact({**head, "data": dict(change)}).encode()
    if len(body) <= _LARGEST_BODY:
        return body
    thin = {
        name: each for name, each in change.items() if name not in {"changed", "state"}
    }
    return compact({**head, "truncated": True, "data": thin}).encode()


def signed(secret: str, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    content = f"{message_id}.{seconds}.".encode() + body
    signature = b64encode(hmac.digest(key, content, "sha256")).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }


def _listen(**given: Any) -> None:
    receiver = Receiver(_checked(given["forward_to"]), _secret(given["secret"]))
    wanted = list(given["types"])
    is_open = any(each.endswith(_EVERY) for each in wanted)
    told = {**given, "types": () if is_open else given["types"]}
    body = body_of({**told, "include": given["include"] or ("changed", "state")})
    from pcrm.failures import translated

    with (
        translated("pcrm listen --help"),
        client_at(address_of(given[options.URL])) as client,
    ):
        ready = False
        for changes, _ in pages(client, body, follows=True):
            if not ready:
                say(f"Ready. Requests to {receiver.url} are signed with this secret:")
                click.echo(receiver.secret)
                ready = True
            for change in changes:
                if selects(wanted, str(change["type"])):
                    _forward(receiver, _without_hollow(change, body["include"]))


def selects(wanted: Sequence[str], kind: str) -> bool:
    """Whether one of the types is that of a change: `*`, `contact.*` or itself."""
    return not wanted or any(
        each in {_EVERY, kind}
        or (each.endswith(".*") and kind.startswith(each.removesuffix(_EVERY)))
        for each in wanted
    )


def _without_hollow(
    change: Mapping[str, Any], include: Sequence[str]
) -> Mapping[str, Any]:
    """A change without its state, if that was not asked for: null says deleted."""
    if "state" in include:
        return change
    return {name: each for name, each in change.items() if name != "state"}


def _forward(receiver: Receiver, change: Mapping[str, Any]) -> None:
    import httpx2

    is_near = urlsplit(receiver.url).hostname in {"localhost", "127.0.0.1", "::1"}
    began = time.monotonic()
    try:
        with httpx2.Client(timeout=_PATIENCE, trust_env=not is_near) as http:
            status = receiver.send(http, change)
        told, style = str(status), "32" if status // 100 == 2 else "31"
    except httpx2.RequestError as error:
        told, style = f"no answer: {error}", "31"
    milliseconds = round((time.monotonic() - began) * 1000)
    say(f"{plain(line_of(change))} → {told} ({milliseconds} ms)", style)


def _checked(url: str) -> str:
    told = urlsplit(url)
    if told.scheme not in {"http", "https"} or not told.hostname:
        raise wrong_use(f"{url!r} is no address.", "http://localhost:3000/hook")
    return url


def _secret(given: str | None) -> str:
    """The secret: given, from PCRM_WEBHOOK_SECRET, or a new one."""
    secret = given or os.environ.get("PCRM_WEBHOOK_SECRET")
    if not secret:
        return _PREFIX + b64encode(secrets.token_bytes(32)).decode()
    try:
        if b64decode(secret.removeprefix(_PREFIX), validate=True):
            return secret
    except ValueError:
        pass
    raise _bad_secret()


def _bad_secret() -> CommandFailed:
    return wrong_use("The secret is not `whsec_` and base64.", "leave it out")


listen_command = click.Command(
    "listen",
    callback=_listen,
    short_help="Send changes to a program on this machine",
    help=(
        "Sends each change, from now on, to a program on this machine: as a webhook "
        "does, signed with a secret that is printed first. An answer other than 2xx is "
        "shown, and the change is not sent again."
    ),
    params=[
        click.Option(
            ["--forward-to"], required=True, metavar="URL", help="Where to send them."
        ),
        *following_options(),
        click.Option(
            ["--secret"],
            metavar="SECRET",
            help="Signs with this secret; or PCRM_WEBHOOK_SECRET. Else a new one.",
        ),
        *options.common_options(),
    ],
)
