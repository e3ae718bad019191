"""Checks the signature of a webhook's request, as Standard Webhooks define it."""

import binascii
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from prospectconnect_client.problems import ProspectConnectError
from prospectconnect_contract import records

TOLERANCE_SECONDS = 300.0

_NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
_PREFIX = "whsec_"

Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]


class WebhookInvalid(ProspectConnectError):
    """A request is not from the webhook: answer it with a 400, and use nothing of it.

    The text says what is wrong. It contains neither the secret nor the body.
    """


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a request tells.

    Attributes:
        id: The id of the change. Each attempt has the same: ignore an id that your
            program has had.
        type: The type of the change, e.g. `contact.created`.
        timestamp: When the change happened, in UTC.
        change: The change, as `client.changes.read()` returns it.
        truncated: Whether `changed` and `state` were left out, because the body would
            have been too large.
    """

    id: str
    type: str
    timestamp: str
    change: records.Change
    truncated: bool = False


def verify_webhook(
    body: bytes | str,
    headers: Headers,
    secret: str | Iterable[str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
    clock: Callable[[], float] = time.time,
) -> WebhookEvent:
    """Checks that a request is from the webhook, and returns what it tells.

    ```python
    event = verify_webhook(request.get_data(), request.headers, secret)
    ```

    Args:
        body: The body as it came, not parsed.
        headers: The headers. Their names are not case-sensitive.
        secret: The webhook's secret, `whsec_...`; several while one replaces another.
        tolerance: How many seconds the timestamp may differ from the clock.
        clock: Returns the seconds since 1970.

    Raises:
        WebhookInvalid: The request is not from the webhook, or it is an old one.
        ValueError: A secret is malformed, or there is none.
        TypeError: The body is already parsed.
    """
    if not isinstance(body, bytes | bytearray | memoryview | str):
        raise TypeError("The body is parsed. Pass it as it came: bytes.")
    content = body.encode() if isinstance(body, str) else bytes(body)
    keys = [_key(each) for each in ([secret] if isinstance(secret, str) else secret)]
    if not keys:
        raise ValueError("There is no secret.")
    message_id, sent, signatures = _told(headers)
    _check_time(sent, tolerance, clock())
    signed = f"{message_id}.{sent}.".encode() + content
    if not _is_signed(signed, keys, signatures):
        raise WebhookInvalid("No signature fits the request and the secret.")
    return _event(message_id, content)


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("The secret is not one of a webhook: `whsec_` and base64.")
    return key


def _told(headers: Headers) -> list[str]:
    """The id, the timestamp and the signatures."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    found = {_text(name).lower(): _text(value) for name, value in pairs}
    for name in _NAMES:
        if not found.get(name):
            raise WebhookInvalid(f"The header {name} is missing.")
    return [found[name] for name in _NAMES]


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _check_time(sent: str, tolerance: float, now: float) -> None:
    if not (sent.isascii() and sent.isdigit() and len(sent) < 16):
        raise WebhookInvalid("The header webhook-timestamp is not a number.")
    if abs(now - int(sent)) > tolerance:
        raise WebhookInvalid("The timestamp is too far from the clock.")


def _is_signed(content: bytes, keys: Iterable[bytes], signatures: str) -> bool:
    """Whether one of the signatures is that of one of the keys."""
    given = [each.encode() for each in signatures.split(" ")]
    found = False
    for key in keys:
        expected = b"v1," + b64encode(hmac.digest(key, content, "sha256"))
        for each in given:
            found |= hmac.compare_digest(expected, each)
    return found


def _event(message_id: str, content: bytes) -> WebhookEvent:
    try:
        told = json.loads(content, parse_float=Decimal)
        change: records.Change = told["data"]
        return WebhookEvent(
            message_id,
            str(told["type"]),
            str(told["timestamp"]),
            change,
            told.get("truncated") is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise WebhookInvalid("The body is signed, but it tells no change.") from None
