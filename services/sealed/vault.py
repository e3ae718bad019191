"""Texts that are read again, kept so that their table alone tells nothing of them.

The keys are in another table of the same database. Each text is encrypted by AES-GCM,
and bound to what it is about. It names the key, so that texts which older keys sealed
are found and sealed anew before these end.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.sealed.secret_keys import SecretKeys

_NONCE_BYTES, _NAME_BYTES, _KEY_BYTES = 12, 6, 32


class Vault:
    """Seals and opens texts with secret keys."""

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    def seal(self, text: str, *about: str) -> str:
        """A text, sealed; `about` are the ids of what it belongs to."""
        key, nonce = self._keys.sealing, os.urandom(_NONCE_BYTES)
        sealed = AESGCM(_cipher_key(key)).encrypt(nonce, text.encode(), _bound(about))
        return f"{_name(key)}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *about: str) -> str | None:
        """The text again; None if this process does not know the key (yet)."""
        name, _, data = sealed.partition(".")
        key = next((each for each in self._keys.opening if _name(each) == name), None)
        if key is None:
            return None
        both = urlsafe_b64decode(data)
        nonce, rest = both[:_NONCE_BYTES], both[_NONCE_BYTES:]
        return AESGCM(_cipher_key(key)).decrypt(nonce, rest, _bound(about)).decode()

    def is_new(self, sealed: str) -> bool:
        """Whether the key that seals now has sealed it."""
        return sealed.partition(".")[0] == _name(self._keys.sealing)


def _name(key: bytes) -> str:
    return blake2b(key, digest_size=_NAME_BYTES, person=b"name").hexdigest()


def _cipher_key(key: bytes) -> bytes:
    return blake2b(key, digest_size=_KEY_BYTES, person=b"vault").digest()


def _bound(about: tuple[str, ...]) -> bytes:
    return "\0".join(about).encode()
