"""Secrets: the form of tokens, and the hash under which they are stored.

A secret consists of a prefix for its kind, the tenant's id, 192 random bits and a
checksum, in base 62. With the tenant's id, the statement that looks a secret up can
name its tenant. With the checksum, a secret scanner (and we) can recognize a secret
without a database. A key is a secret without a tenant.
"""

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

# With a tenant: personal access token, access token, refresh token, code, session.
PREFIX, ACCESS, REFRESH, CODE, SESSION = "pcp_", "pca_", "pcr_", "pcc_", "pcs_"
# A personal access token of a sandbox: anybody sees that it opens nothing live.
TEST = "pct_"
# The secret in the address of a user's calendar.
CALENDAR = "pcf_"
# Without: an authorization request, an app's secret, its registration.
REQUEST, CLIENT, REGISTRATION = "pcq_", "pck_", "pcg_"

RANDOM_BYTES = 24

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
_TENANT_LENGTH, _RANDOM_LENGTH, _SUM_LENGTH = 17, 33, 6
_FORM = re.compile(
    rf"(pc[a-z]_)([0-9A-Za-z]{{{_TENANT_LENGTH}}})"
    rf"[0-9A-Za-z]{{{_RANDOM_LENGTH}}}([0-9A-Za-z]{{{_SUM_LENGTH}}})"
)
_KEY_FORM = re.compile(
    rf"(pc[a-z]_)[0-9A-Za-z]{{{_RANDOM_LENGTH}}}([0-9A-Za-z]{{{_SUM_LENGTH}}})"
)


@dataclass(frozen=True, slots=True)
class Secret:
    """The tenant and the hash of a secret."""

    business_id: str
    hash: bytes


def new_secret(business_id: str, prefix: str = PREFIX) -> str:
    """Creates a secret of a tenant. It is shown once and stored only as a hash."""
    tenant = _encode(int(business_id.removeprefix("biz_"), 16), _TENANT_LENGTH)
    body = prefix + tenant + _chance()
    return body + _checksum(body)


def read_secret(text: str, *prefixes: str) -> Secret | None:
    """Parses a secret of one of the kinds (default: a personal access token).

    Returns None if the form or the checksum is wrong.
    """
    match = _FORM.fullmatch(text)
    if match is None or match[1] not in (prefixes or (PREFIX,)):
        return None
    if _checksum(text[:-_SUM_LENGTH]) != match[3]:
        return None
    tenant = _decode(match[2])
    if tenant >> 96:
        return None
    return Secret(f"biz_{tenant:024x}", hash_of(text))


def new_key(prefix: str) -> str:
    """Creates a secret without a tenant."""
    body = prefix + _chance()
    return body + _checksum(body)


def read_key(text: str, prefix: str) -> bytes | None:
    """Returns the hash of a secret without a tenant, None if its form is wrong."""
    match = _KEY_FORM.fullmatch(text)
    if match is None or match[1] != prefix:
        return None
    return hash_of(text) if _checksum(text[:-_SUM_LENGTH]) == match[2] else None


def hash_of(text: str) -> bytes:
    """Returns the hash under which a secret is stored."""
    return sha256(text.encode()).digest()


def _chance() -> str:
    return _encode(int.from_bytes(os.urandom(RANDOM_BYTES), "big"), _RANDOM_LENGTH)


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
