"""Cursors: the position where a page ended, sealed so that nobody can forge one.

A cursor holds the position of the page's last record. Its MAC also covers the tenant,
the user and the query, so that a cursor of another user or another search is refused.
"""

import hmac
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor

from services.caller import Caller
from services.errors import BadRequest
from services.sealed.secret_keys import SecretKeys

SEAL_BYTES = 16

# No cursor is so long: figures are grouped by up to three texts of some kilobytes.
_MOST_CHARACTERS = 65_536

# The fields of a request that concern the page and its answer, not the query.
_NOT_BOUND = (
    *("cursor", "limit", "include_total", "expand"),
    *("start", "include", "wait_seconds", "stay_seconds", "each_cursor"),
    "seen_place",
)
# So do the fields of a search. Those of a history, which takes no expand, are a filter.
_OF_ANSWER = "fields"


class Cursors:
    """Seals and opens the cursors of a tenant's searches with secret keys."""

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys

    def seal(self, caller: Caller, request: Any, position: Sequence[str]) -> str:
        """Returns the cursor after `position`: sort value and id, as text."""
        payload = orjson.dumps(position)
        return _written(payload + _mac(self._keys.sealing, caller, request, payload))

    def open(self, caller: Caller, request: Any) -> tuple[str, str]:
        """Returns the position in the request's cursor. Raises `BadRequest`."""
        text = request.cursor
        if len(text) > _MOST_CHARACTERS:
            raise _foreign(request)
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            raise _foreign(request) from None
        if _written(sealed) != text:  # decoding ignores invalid characters
            raise _foreign(request)
        payload, mac = sealed[:-SEAL_BYTES], sealed[-SEAL_BYTES:]
        if not any(
            hmac.compare_digest(mac, _mac(key, caller, request, payload))
            for key in self._keys.opening
        ):
            raise _foreign(request)
        value, record_id = orjson.loads(payload)
        return value, record_id


def _mac(key: bytes, caller: Caller, request: Any, payload: bytes) -> bytes:
    """The MAC over everything that a cursor is bound to."""
    name = request.DESCRIPTOR.full_name
    mac = _begun(key, caller.business_id, caller.user_id, name).copy()
    mac.update(_told(_query(request)) + _told(payload))
    return mac.digest()


# A page's cursor differs from the next one's in its end alone.
@lru_cache(maxsize=1024)
def _begun(key: bytes, business_id: str, user_id: str, method: str) -> blake2b:
    """The MAC over what is the same for all searches of a user by one method."""
    told = b"".join(_told(each.encode()) for each in (business_id, user_id, method))
    return blake2b(told, key=key, digest_size=SEAL_BYTES)


def _told(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part


def _query(request: Any) -> bytes:
    """What a search asks for, but for the page and the answer."""
    not_bound = _not_bound(request.DESCRIPTOR)
    if not_bound.issuperset([item.name for item, _ in request.ListFields()]):
        return b""
    query = type(request)()
    query.CopyFrom(request)
    for name in not_bound:
        query.ClearField(name)
    return bytes(query.SerializeToString(deterministic=True))


@cache  # for each method with pages
def _not_bound(request: Descriptor) -> frozenset[str]:
    known = request.fields_by_name
    names = (*_NOT_BOUND, _OF_ANSWER) if "expand" in known else _NOT_BOUND
    return frozenset(name for name in names if name in known)


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _written(sealed: bytes) -> str:
    text = b2a_base64(sealed, newline=False).translate(_URL_SAFE, b"=")
    return text.decode()


def _foreign(request: Any) -> BadRequest:
    if "resources" in request.DESCRIPTOR.fields_by_name:  # it is the feed
        return BadRequest(
            "The cursor is not one of this user's with the same resources, types and"
            " filters."
        )
    return BadRequest(
        "The cursor is not one of this search; send the same filters, text and order."
    )
