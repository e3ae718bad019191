"""Cursors: the position at the end of a page, under a seal."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import orjson
from fastapi import HTTPException

_SEAL = 16


def seal(secret: bytes, query: str, value: str, record_id: str) -> str:
    """The cursor of a query (tenant, user, order) after a record."""
    place = orjson.dumps([value, record_id])
    return urlsafe_b64encode(_mac(secret, query, place) + place).decode()


def unseal(secret: bytes, query: str, cursor: str) -> tuple[str, str]:
    """The position in a cursor; 400 if it does not belong to this query."""
    try:
        sealed = urlsafe_b64decode(cursor)
    except ValueError:
        raise HTTPException(400, "The cursor is not one of this search.") from None
    mac, place = sealed[:_SEAL], sealed[_SEAL:]
    if not hmac.compare_digest(mac, _mac(secret, query, place)):
        raise HTTPException(400, "The cursor is not one of this search.")
    value, record_id = orjson.loads(place)
    return value, record_id


def _mac(secret: bytes, query: str, place: bytes) -> bytes:
    return hmac.digest(secret, query.encode() + b"\0" + place, sha256)[:_SEAL]
