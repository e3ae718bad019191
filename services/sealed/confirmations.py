"""Confirmations: what a caller must bring to have a destructive call done.

A confirmation holds its id, its end and a hash of the state of the records. Its MAC
also covers the tenant, the user, the holder of the token and the call, so that another
caller or another call cannot use it. Nothing is stored until it is spent.
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b

from services.caller import Caller
from services.sealed.secret_keys import SecretKeys

# Of a state: the edge sends a hash of so many bytes.
STATE_BYTES = 16
_ID_BYTES, _END_BYTES, _SEAL_BYTES = 12, 8, 16
_BYTES = _ID_BYTES + _END_BYTES + STATE_BYTES + _SEAL_BYTES
_MOST_CHARACTERS = 128
# Forms use the same keys; no form has such a part.
_KIND = b"confirmation"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An opened confirmation. `id` is 24 hexadecimal digits, `ends` a moment."""

    id: str
    ends: int
    state: bytes


class Confirmations:
    """Seals and opens confirmations with secret keys."""

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    def seal(self, caller: Caller, call: bytes, state: bytes, ends: int) -> str:
        """Returns a confirmation of a call; `ends` is a moment, `state` a hash.

        Raises:
            ValueError: The state has not `STATE_BYTES` bytes.
        """
        if len(state) != STATE_BYTES:
            raise ValueError(f"a state has {STATE_BYTES} bytes")
        payload = os.urandom(_ID_BYTES) + ends.to_bytes(_END_BYTES, "big") + state
        return _written(payload + _mac(self._keys.sealing, caller, call, payload))

    def open(self, caller: Caller, call: bytes, text: str) -> Confirmation | None:
        """Opens a confirmation. None if it is not one of this caller and this call."""
        sealed = _read(text)
        payload, mac = sealed[:-_SEAL_BYTES], sealed[-_SEAL_BYTES:]
        if len(sealed) != _BYTES or not any(
            hmac.compare_digest(mac, _mac(key, caller, call, payload))
            for key in self._keys.opening
        ):
            return None
        ends = payload[_ID_BYTES : _ID_BYTES + _END_BYTES]
        return Confirmation(
            id=payload[:_ID_BYTES].hex(),
            ends=int.from_bytes(ends, "big"),
            state=payload[_ID_BYTES + _END_BYTES :],
        )


def holder_of(caller: Caller) -> str:
    """Returns who confirms: an app, with any of its tokens, or a personal token."""
    return caller.client_id or caller.token_id


def _mac(key: bytes, caller: Caller, call: bytes, payload: bytes) -> bytes:
    whose = caller.business_id, caller.user_id, holder_of(caller)
    parts = _KIND, *(each.encode() for each in whose), call, payload
    told = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return blake2b(told, key=key, digest_size=_SEAL_BYTES).digest()


def _written(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _read(text: str) -> bytes:
    """Returns the bytes of a text; empty if it is no text that was written here."""
    if len(text) > _MOST_CHARACTERS:
        return b""
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
    # Decoding ignores invalid characters.
    return sealed if _written(sealed) == text else b""
