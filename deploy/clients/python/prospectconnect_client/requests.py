"""A call as an HTTP request. It is written once, so each attempt sends the same."""

import json
import uuid
from dataclasses import dataclass, field

from prospectconnect_contract.operations import VERSION, Call

# A little more than the server takes for its longest answer.
TIMEOUT_SECONDS = 35.0

_AGENT = f"prospectconnect-python/{VERSION}"


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
