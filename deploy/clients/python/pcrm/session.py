"""The API that commands call: its address, the token, and a client.

`PCRM_URL` and `PCRM_TOKEN` come before what `pcrm login` has kept.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pcrm import store
from pcrm.exits import NOT_LOGGED_IN, CommandFailed, wrong_use
from pcrm.telling import say

if TYPE_CHECKING:
    import httpx2

    from prospectconnect_client import ProspectConnect

DEFAULT_ADDRESS = "https://papi.prospectconnect.ai"

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_EARLY = 60  # seconds before its end that a token is replaced


def address_of(given: str | None) -> str:
    """The address of the API. Raises CommandFailed for a malformed one."""
    from prospectconnect_client.requests import address_of as checked

    told = given or os.environ.get("PCRM_URL") or store.current_address()
    try:
        return checked(told or DEFAULT_ADDRESS)
    except ValueError as error:
        raise wrong_use(str(error), "PCRM_URL=https://papi.example.com") from error


def check_safe(address: str) -> None:
    """Raises CommandFailed for an address where others can read what is sent."""
    told = urlsplit(address)
    if told.scheme != "https" and told.hostname not in _LOOPBACK:
        raise wrong_use(
            f"A login at {address} would send tokens that others can read.",
            "an address with https://",
        )


def token_at(address: str) -> str:
    """A token that is valid now. Raises CommandFailed if nobody is logged in.

    So it does for an address where others could read the token.
    """
    check_safe(address)
    if given := os.environ.get("PCRM_TOKEN", "").strip():
        return given
    login = store.login_at(address)
    if login is not None and _ends(login):
        with store.locked():
            login = store.login_at(address)  # another process may have renewed it
            if login is not None and _ends(login):
                from pcrm.oauth import renewed

                login = renewed(address, login)
                store.keep(address, login)
    if login is None:
        message = f"You are not logged in at {address}."
        hint = "pcrm login, or a token in PCRM_TOKEN"
        raise CommandFailed(message, NOT_LOGGED_IN, hint=hint)
    return login.token


def _ends(login: store.Login) -> bool:
    return bool(login.refresh) and time.time() > (login.expires_at or 0) - _EARLY


def proxy_for(address: str) -> str | None:
    """The proxy that the variables of the environment, or the system, name."""
    told = urlsplit(address)
    if proxy_bypass(told.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(told.scheme) or proxies.get("all")


@contextmanager
def client_at(
    address: str, *, timeout: float | None = None, verbose: bool = False
) -> "Iterator[ProspectConnect]":
    """A client. Its token is renewed when it ends, however long the client is used."""
    import httpx2

    from prospectconnect_client import Attempt, Hooks, ProspectConnect
    from prospectconnect_client.requests import TIMEOUT_SECONDS

    class Renewing(httpx2.HTTPTransport):
        """Sends each request with a token that is valid then."""

        def handle_request(self, request: "httpx2.Request") -> "httpx2.Response":
            request.headers["Authorization"] = f"Bearer {token_at(address)}"
            return super().handle_request(request)

    def after(attempt: Attempt) -> None:
        seconds = f"{attempt.seconds or 0:.3f} s"
        say(f"{attempt.method} {attempt.url} {attempt.status or '-'} {seconds}", "2")

    hooks = Hooks(on_response=after if verbose else None)
    try:
        made = ProspectConnect(
            token_at(address),
            address,
            timeout=timeout or TIMEOUT_SECONDS,
            hooks=hooks,
            transport=Renewing(
                verify=address.startswith(
                    "https://"
                ),  # else it would load certificates
                proxy=proxy_for(address),
            ),
        )
    except ValueError as error:
        raise CommandFailed(
            str(error), NOT_LOGGED_IN, hint="a valid token in PCRM_TOKEN"
        ) from error
    with made as client:
        yield client
