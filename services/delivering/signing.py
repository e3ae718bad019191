"""Signatures of requests, as Standard Webhooks has them."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable

# What a secret begins with, as clients have it.
SECRET_PREFIX = "whsec_"  # noqa: S105 - it is none
_VERSION = "v1"


def key_of(secret: str) -> bytes:
    """The key in a secret `whsec_..`."""
    return b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)


def signed(
    keys: Iterable[bytes], message_id: str, seconds: int, body: bytes
) -> dict[str, str]:
    """The headers that prove who sent a body. Each key signs it."""
    content = f"{message_id}.{seconds}.".encode() + body
    signatures = (hmac.digest(key, content, "sha256") for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(
            f"{_VERSION},{b64encode(each).decode()}" for each in signatures
        ),
    }
