"""A call as an HTTP request. It is written once, so each attempt sends the same."""

import json
import re
import uuid
from dataclasses import dataclass, field

from prospectconnect_contract.operations import VERSION, Call

# A little more than the server takes for its longest answer.
TIMEOUT_SECONDS = 35.0

_AGENT = f"prospectconnect-python/{VERSION}"


# What a header takes, RFC 6750 and more; a token never has blanks within.
_TOKEN = re.compile(r"[!-~]+")


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
    return address


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, in each attempt alike."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)  # the token is among them
    content: bytes | None


def request_of(call: Call, token: str) -> Request:
    """Writes a call. One that takes an idempotency key gets one if it has none."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Version": VERSION,
        "Accept": "application/json",
        "User-Agent": _AGENT,
        **call.headers,
    }
    if call.keyed:
        headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
    if call.body is None:
        return Request(call.method, call.path, headers, None)
    headers["Content-Type"] = "application/json"
    content = json.dumps(call.body, ensure_ascii=False, allow_nan=False).encode()
    return Request(call.method, call.path, headers, content)
