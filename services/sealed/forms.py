"""Form tokens: a form is accepted only from its own session, for its own purpose.

A token is a MAC over the user's session and what the form decides. The server stores
nothing. A token is invalid once its session or its request has ended.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import blake2b

from services.errors import FormInvalid
from services.sealed.secret_keys import SecretKeys

TOKEN_BYTES = 32


class Forms:
    """Makes and checks form tokens with secret keys."""

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    def token(self, *parts: str) -> str:
        """Returns the token of a form; `parts` say which form, whose, and for what."""
        return _token(self._keys.sealing, parts)

    def check(self, token: str, *parts: str) -> None:
        """Raises `FormInvalid` unless the token was made for the same `parts`."""
        given = token.encode()
        if not any(
            hmac.compare_digest(given, _token(key, parts).encode())
            for key in self._keys.opening
        ):
            raise FormInvalid


def _token(key: bytes, parts: tuple[str, ...]) -> str:
    mac = blake2b(key=key, digest_size=TOKEN_BYTES)
    for part in parts:
        data = part.encode()
        mac.update(len(data).to_bytes(4, "big"))
        mac.update(data)
    return urlsafe_b64encode(mac.digest()).decode().rstrip("=")
