"""A call as an HTTP request. It is written once, so each attempt sends the same."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from prospectconnect_client.bodies import json_of
from prospectconnect_contract.operations import VERSION, Call

# A little more than the server takes for its longest answer.
TIMEOUT_SECONDS = 35.0

_AGENT = f"prospectconnect-python/{VERSION}"


# What a header takes, RFC 6750 and more; a token never has blanks within.
_TOKEN = re.compile(r"[!-~]+")

_KEY = re.compile(r"[!-~]{1,255}")
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")

# A path as RFC 3986 writes it.
_PATH = re.compile(r"(/([\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+(\?[!-~]*)?", re.ASCII)


def token_of(given: str) -> str:
    """The token without the blanks around it, such as the end of a file's line.

    Raises ValueError for what is none, without telling what it is.
    """
    token = given.strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("The token is empty, or holds what no token does.")
    return token


def address_of(given: str) -> str:
    """The address that paths begin after: without `/v1`, if it comes with it.

    Raises ValueError for what is no `http://` or `https://` address.
    """
    address = given.strip().rstrip("/").removesuffix("/v1")
    if not address.startswith(("http://", "https://")):
        raise ValueError(f"The address {given!r} begins with no http:// or https://.")
    if {"@", "?", "#"} & set(address):  # a password is not to be shown
        raise ValueError("The address holds a user, a query or a fragment.")
    return address


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, in each attempt alike."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)  # the token is among them
    content: bytes | None


def request_of(call: Call, token: str) -> Request:
    """Writes a call. One that takes an idempotency key gets one if it has none.

    Raises ValueError or TypeError for what cannot be sent as it was given.
    """
    headers = {
        "Authorization": f"Bearer {token}",
        "Version": VERSION,
        "Accept": "application/json",
        "User-Agent": _AGENT,
        **_headers_of(call.headers),
    }
    path = _path_of(call.path)
    if call.keyed:
        headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
    if call.body is None:
        return Request(call.method, path, headers, None)
    headers["Content-Type"] = "application/json"
    return Request(call.method, path, headers, json_of(call.body))


def _headers_of(given: Mapping[str, str]) -> Mapping[str, str]:
    """A call's own headers, once each is known to reach the API as it is."""
    for name, text in given.items():
        if not isinstance(text, str):
            raise TypeError(f"{name} is not a string.")
        if name.lower() == "idempotency-key":
            if not _KEY.fullmatch(text):
                raise ValueError(f"{name} is not 1 to 255 visible ASCII characters.")
        elif not _HEADER.fullmatch(text):
            raise ValueError(f"{name} is empty, or holds what no header does.")
    return given


def _path_of(given: str) -> str:
    """A path, once it is known that nothing on the way makes another one of it."""
    segments = {unquote(each) for each in given.partition("?")[0].split("/")}
    if not _PATH.fullmatch(given) or {".", ".."} & segments:
        raise ValueError(f"The path is not absolute and quoted: {given!r:.200}.")
    return given
