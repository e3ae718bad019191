"""Checks the metadata of a call: no repeated keys, a valid idempotency key."""

import re
from collections.abc import Iterable
from typing import Any

from services.errors import BadRequest, ServiceError, TokenInvalid

FAULTY_FIELDS = "x-faulty-fields"
DRY_RUN = "dry-run"
# The network address of the client, of calls that the audit tells of.
CLIENT_ADDRESS = "x-client-address"

_KEY = re.compile(r"[!-~]{1,255}")


def refuse_repeated(sent: Iterable[tuple[str, Any]]) -> None:
    """Refuses a call that sends a key twice which may have one value only.

    A proxy on the way may have checked the other value. `traceparent` may be repeated,
    since nothing depends on it.
    """
    seen = set()
    for name, _ in sent:
        if name in seen and (refusal := _refusal(name)) is not None:
            raise refusal
        seen.add(name)


def _refusal(name: str) -> ServiceError | None:
    if name == "authorization":
        return TokenInvalid("More than one token was given.")
    if name in ("idempotency-key", FAULTY_FIELDS, DRY_RUN):
        return BadRequest(f"{name} was given more than once.")
    return None


def key_of(given: Any) -> str | None:
    """Returns the idempotency key of a call, None without one."""
    if given is None:
        return None
    if isinstance(given, str) and _KEY.fullmatch(given):
        return given
    raise BadRequest("An idempotency key is 1 to 255 visible ASCII characters.")


def is_dry(given: Any) -> bool:
    """Returns whether a call is a dry run."""
    if given in ("true", "false"):
        return bool(given == "true")
    raise BadRequest(f"{DRY_RUN} is true or false.")
