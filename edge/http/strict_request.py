"""Sanic's request with a strict check of its head, also for an invalid target.

Sanic accepts heads that other servers read differently: folded lines, a space before a
colon, a line that ends in LF alone, a length in digits of any script. A proxy that
reads them differently would disagree on where the request ends, or which host it is for
(RFC 9112, sections 2.2, 3.2, 5.1, 5.2 and 6).

Sanic refuses an invalid target, e.g. `GET v1/me` without the slash. To answer, it
builds a second request with the same target, which fails again; so the connection would
be closed without an answer.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sanic import Request
from sanic.exceptions import BadRequest

# The method of a request that Sanic builds to answer an error.
_STAND_IN = "NONE"

# All characters except control characters; the tab is allowed.
_PLAIN = bytes((0x09, *range(0x20, 0x7F), *range(0x80, 0x100)))
_LINES = re.compile(rb"[^\r\n]*(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]++:[^\r\n]*+)*+")
# Sanic strips wide blanks from a value, and Python reads digits of any script.
_WIDE = re.compile(
    rb"\n(?:content-length|transfer-encoding|host):[^\n]*[\x80-\xff]", re.IGNORECASE
)

# Of other methods the form is looked at.
_METHODS = frozenset(("GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PUT"))
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A path there must be: with none, Sanic finds no route and fails.
_ABSOLUTE = re.compile(rb"(https?)://([^/?#]+)/.*", re.IGNORECASE | re.DOTALL)

_ADDRESS = r"\[[0-9A-Za-z:.%_~-]+\]"
_NAME = r"(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*+"
_HOST = re.compile(rf"(?:{_ADDRESS}|{_NAME})(?::[0-9]*+)?[ \t]*+", re.ASCII)


def is_strict(head: bytes) -> bool:
    """Whether all servers read the same lines and field names in a head."""
    if head.translate(None, _PLAIN) != b"\r\n" * head.count(b"\n"):
        return False
    if not head.isascii() and _WIDE.search(head):
        return False
    # A blank before a colon is mostly in the middle of a value.
    may_be_loose = b" :" in head or b"\t:" in head or b"\n " in head or b"\n\t" in head
    return not may_be_loose or _LINES.fullmatch(head) is not None


@lru_cache(maxsize=256)
def is_host(value: str) -> bool:
    """Whether a value is a name or an address, with or without a port.

    An empty value counts as a name.
    """
    return _HOST.fullmatch(value) is not None


class StrictRequest(Request):
    """A request with a checked head. It can also be built for an invalid target."""

    def __init__(self, url_bytes: bytes, **parts: Any) -> None:
        if head := parts.get("head", b""):  # none if Sanic builds it to answer an error
            _check(url_bytes, head, parts["version"], parts["headers"])
            if parts["method"] not in _METHODS:
                _check_method(parts["method"])
            if url_bytes[:1] != b"/":
                _check_target(url_bytes, parts["headers"].getall("host", ()))
        try:
            super().__init__(url_bytes, **parts)
        except BadRequest:
            if parts["method"] != _STAND_IN:
                raise
            super().__init__(b"*", **parts)
            self.raw_url = url_bytes


def _check(target: bytes, head: bytes, version: str, headers: Any) -> None:
    """Refuses a head that breaks HTTP's rules."""
    if not is_strict(head):
        raise BadRequest("A line of the head is malformed.")
    if b"#" in target:
        raise BadRequest("A target has no fragment.")
    hosts = headers.getall("host", ())
    if version == "1.0":
        if "transfer-encoding" in headers:
            raise BadRequest("HTTP/1.0 knows no chunks.")  # RFC 9112, section 6.1
        hosts = hosts or ("",)  # HTTP/1.0 requires no Host
    if len(hosts) != 1:
        raise BadRequest("There must be one Host.")
    if not is_host(hosts[0]):
        raise BadRequest("The Host is malformed.")


def _check_method(method: str) -> None:
    """Refuses what no method can be. What one may be and is none here gets its 405."""
    if _METHOD.fullmatch(method) is None:
        raise BadRequest("The method is malformed.")


def _check_target(target: bytes, hosts: Sequence[str]) -> None:
    """Refuses an absolute target that is for another host than the head says.

    A proxy may go by the one and we by the other (RFC 9112, section 3.2.2).
    """
    if target == b"*":
        return
    found = _ABSOLUTE.fullmatch(target)
    if found is None:
        raise BadRequest("The target is malformed.")
    scheme, host = found[1].decode().lower(), found[2].decode("latin-1")
    if not is_host(host):
        raise BadRequest("The host of the target is malformed.")
    if any(_plain_host(scheme, each) != _plain_host(scheme, host) for each in hosts):
        raise BadRequest("The target is for another host than Host says.")


def _plain_host(scheme: str, host: str) -> str:
    """A host in small letters, without the port that goes without saying."""
    port = ":443" if scheme == "https" else ":80"
    return host.rstrip(" \t").lower().removesuffix(port).removesuffix(":")
