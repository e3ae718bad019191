"""Sanic's request, even where its target is none, e.g. `GET v1/me` without the slash.

Sanic refuses such a target, and then again when it builds the request that the answer
to its own refusal needs; so the client would find its connection closed, no more.
"""

from typing import Any

from sanic import Request
from sanic.exceptions import BadRequest

# What Sanic writes for the method when it builds a request to answer an error by.
_STAND_IN = "NONE"


class AnyTargetRequest(Request):
    """A request that can stand in for one whose target could not be read."""

    def __init__(self, url_bytes: bytes, **parts: Any) -> None:
        try:
            super().__init__(url_bytes, **parts)
        except BadRequest:
            if parts["method"] != _STAND_IN:
                raise
            super().__init__(b"*", **parts)
            self.raw_url = url_bytes
