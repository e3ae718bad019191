"""Sanic's request, held to what HTTP says about its head, and even without a target.

Sanic reads a head that others would read differently: a line that goes on, a space
before a colon, a line that ends with half an end. A proxy that took them otherwise
would not agree on where this request ends (RFC 9112, sections 2.2, 5.1 and 5.2).

It refuses a target that is none, e.g. `GET v1/me` without the slash, and then again
when it builds the request that the answer to its own refusal needs; so the client would
find its connection closed, no more.
"""

import re
from typing import Any

from sanic import Request
from sanic.exceptions import BadRequest

# What Sanic writes for the method when it builds a request to answer an error by.
_STAND_IN = "NONE"

# All but control characters; a tab is none.
_PLAIN = bytes((0x09, *range(0x20, 0x7F), *range(0x80, 0x100)))
_LINES = re.compile(rb"[^\r\n]*(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]++:[^\r\n]*+)*+")


def is_strict(head: bytes) -> bool:
    """Whether all would agree on a head's lines and the names of its fields."""
    if head.translate(None, _PLAIN) != b"\r\n" * head.count(b"\n"):
        return False
    # A blank before a colon is mostly in the middle of a value.
    may_be_loose = b" :" in head or b"\t:" in head or b"\n " in head or b"\n\t" in head
    return not may_be_loose or _LINES.fullmatch(head) is not None


class AnyTargetRequest(Request):
    """A request with a strict head, that can stand in for one without a target."""

    def __init__(self, url_bytes: bytes, **parts: Any) -> None:
        if not is_strict(parts.get("head", b"")):
            raise BadRequest("A line of the head is malformed.")
        if parts["version"] == "1.0" and "transfer-encoding" in parts["headers"]:
            raise BadRequest("HTTP/1.0 knows no chunks.")  # RFC 9112, section 6.1
        try:
            super().__init__(url_bytes, **parts)
        except BadRequest:
            if parts["method"] != _STAND_IN:
                raise
            super().__init__(b"*", **parts)
            self.raw_url = url_bytes
