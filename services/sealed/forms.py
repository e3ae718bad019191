"""Form tokens: a form counts only where it was made, and for what it was made.

A token is a MAC over who sees the form and what it decides. No state is kept; it
ends with the session or the request that it names.
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
        """The token of a form: which form, whose, and about what."""
        return _token(self._keys.sealing, parts)

    def check(self, token: str, *parts: str) -> None:
        """Refuses a token that was not made for just this: `FormInvalid`."""
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
