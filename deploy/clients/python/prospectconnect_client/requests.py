"""A call as an HTTP request. It is built once, so all attempts send the same."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from prospectconnect_client.bodies import json_of
from prospectconnect_contract.operations import VERSION, Call

# A little longer than the server's time limit for an answer.
TIMEOUT_SECONDS = 35.0

_AGENT = f"prospectconnect-python/{VERSION}"


# The characters that a header allows, more than RFC 6750; a token contains no blanks.
_TOKEN = re.compile(r"[!-~]+")

_KEY = re.compile(r"[!-~]{1,255}")
_HEADER = re.compile(r"[!-~]([ -~]*[!-~])?")

# A path as RFC 3986 defines it.
_PATH = re.compile(r"(/([\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+(\?[!-~]*)?", re.ASCII)


def token_of(given: str) -> str:
    """The token without surrounding blanks, such as the line end from a file.

    Raises ValueError for a malformed token; the message does not contain it.
    """
    token = given.strip()
    if not _TOKEN.fullmatch(token):
        raise ValueError("The token is empty, or holds what no token does.")
    return token


def address_of(given: str) -> str:
    """The base address for paths, without a `/v1` at its end.

    Raises ValueError for an address without `http://` or `https://`.
    """
    address = given.strip().rstrip("/").removesuffix("/v1")
    if not address.startswith(("http://", "https://")):
        raise ValueError(f"The address {given!r} begins with no http:// or https://.")
    if {"@", "?", "#"} & set(address):  # it may contain a password
        raise ValueError("The address holds a user, a query or a fragment.")
    return address


@dataclass(frozen=True, slots=True)
class Request:
    """The HTTP request, the same in each attempt."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)  # they contain the token
    content: bytes | None


def request_of(call: Call, token: str) -> Request:
    """Builds the request, with a new idempotency key if the call needs one.
    Raises ValueError or TypeError for a value that cannot be sent unchanged.
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
    if call.content is not None:
        headers["Content-Type"] = "application/octet-stream"
        return Request(call.method, path, headers, call.content)
    if call.body is None:
        return Request(call.method, path, headers, None)
    headers["Content-Type"] = "application/json"
    return Request(call.method, path, headers, json_of(call.body))


def _headers_of(given: Mapping[str, str]) -> Mapping[str, str]:
    """A call's own headers, after a check that each reaches the API unchanged."""
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
    """A path, after a check that no server between would change it."""
    segments = {unquote(each) for each in given.partition("?")[0].split("/")}
    if not _PATH.fullmatch(given) or {".", ".."} & segments:
        raise ValueError(f"The path is not absolute and quoted: {given!r:.200}.")
    return given
