"""Bearer secrets: how a token looks, and the hash under which it is kept.

`pcp_`, the tenant's id, 192 random bits and a checksum, in base 62. The tenant
inside lets every statement name it, also the one that looks a token up; the
checksum lets a secret scanner (and us) tell a token from noise without a database.
"""

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

PREFIX = "pcp_"
RANDOM_BYTES = 24

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
_TENANT_LENGTH, _RANDOM_LENGTH, _SUM_LENGTH = 17, 33, 6
_FORM = re.compile(
    rf"{PREFIX}([0-9A-Za-z]{{{_TENANT_LENGTH}}})"
    rf"[0-9A-Za-z]{{{_RANDOM_LENGTH}}}([0-9A-Za-z]{{{_SUM_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class Secret:
    """What a token's secret says by itself: its tenant, and its hash."""

    business_id: str
    hash: bytes


def new_secret(business_id: str) -> str:
    """A new secret for a tenant. It is shown once and kept only as its hash."""
    tenant = _encode(int(business_id.removeprefix("biz_"), 16), _TENANT_LENGTH)
    chance = _encode(int.from_bytes(os.urandom(RANDOM_BYTES), "big"), _RANDOM_LENGTH)
    body = PREFIX + tenant + chance
    return body + _checksum(body)


def read_secret(text: str) -> Secret | None:
    """Reads a secret; None when the text is none, its checksum included."""
    match = _FORM.fullmatch(text)
    if match is None or _checksum(text[:-_SUM_LENGTH]) != match[2]:
        return None
    tenant = _decode(match[1])
    if tenant >> 96:
        return None
    return Secret(f"biz_{tenant:024x}", hash_of(text))


def hash_of(text: str) -> bytes:
    """The hash under which a secret is kept."""
    return sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    return _encode(crc32(body.encode()), _SUM_LENGTH)


def _encode(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))


def _decode(text: str) -> int:
    number = 0
    for character in text:
        number = number * 62 + _DIGITS[character]
    return number
