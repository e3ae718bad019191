"""The supported revisions of the Model Context Protocol, of both designs.

Up to 2025-11-25 a client begins with `initialize`, and later requests have the agreed
revision in a header. From 2026-07-28 on there is no `initialize`: each request
describes itself in its `_meta`, and repeats in headers what proxies need for routing.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from edge.calls.exchange import Headers
from edge.mcp.messages import INVALID_PARAMS, Message, RpcError

HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

# The oldest first. Earlier revisions did not use a single HTTP address.
BY_HANDSHAKE = ("2025-03-26", "2025-06-18", "2025-11-25")
STATELESS = "2026-07-28"
SPOKEN = (*BY_HANDSHAKE, STATELESS)

# The only one with batches. It applies to a client that names no revision.
_WITH_BATCHES = BY_HANDSHAKE[0]

_HEADER = "mcp-protocol-version"
_PREFIX = "io.modelcontextprotocol/"
_VERSION_KEY = f"{_PREFIX}protocolVersion"
_CAPABILITIES_KEY = f"{_PREFIX}clientCapabilities"
SERVER_KEY = f"{_PREFIX}serverInfo"

_BASE64_OPENS, _BASE64_ENDS = "=?base64?", "?="


def revision_of(headers: Headers) -> str:
    """The revision of a request.

    Raises:
        RpcError: UNSUPPORTED_VERSION; its data lists the supported revisions.
    """
    named = headers.getall(_HEADER, [])
    if not named:
        return _WITH_BATCHES
    if len(named) > 1:
        raise RpcError(HEADER_MISMATCH, "MCP-Protocol-Version must be given once.")
    if named[0] not in SPOKEN:
        raise _unsupported(named[0])
    return named[0]


def agreed(wanted: str) -> str:
    """The revision that the server agrees to, for the one that a client wants."""
    return wanted if wanted in BY_HANDSHAKE else BY_HANDSHAKE[-1]


def has_batches(revision: str) -> bool:
    """Whether a request may contain several messages."""
    return revision == _WITH_BATCHES


def check_envelope(message: Message, headers: Headers) -> None:
    """Checks the description of a stateless request in its `_meta` and headers.

    Raises:
        RpcError: INVALID_PARAMS if the description is incomplete; HEADER_MISMATCH if
            the headers differ from it. A proxy decides by the headers, so they must not
            describe another request.
    """
    meta = message.mapping("_meta")
    version = meta.get(_VERSION_KEY)
    if type(version) is not str:
        raise RpcError(INVALID_PARAMS, f"params._meta must name {_VERSION_KEY}.")
    if type(meta.get(_CAPABILITIES_KEY)) is not dict:
        raise RpcError(INVALID_PARAMS, f"params._meta must name {_CAPABILITIES_KEY}.")
    _same(headers, _HEADER, version)
    _same(headers, "mcp-method", message.method)
    if message.method == "tools/call":
        _same(headers, "mcp-name", message.text("name"))


def adorned(
    result: Mapping[str, Any], server: Mapping[str, str], fresh: Mapping[str, Any]
) -> dict[str, Any]:
    """A result in the form for stateless requests.

    Args:
        result: The result.
        server: The description of this server.
        fresh: How long and for whom it may be cached; empty if it must not be.
    """
    return {
        "resultType": "complete",
        "_meta": {SERVER_KEY: server},
        **fresh,
        **result,
    }


def _same(headers: Headers, name: str, said: str) -> None:
    given = headers.getall(name, [])
    if len(given) != 1 or _decoded(given[0]) != said:
        raise RpcError(HEADER_MISMATCH, f"{name} must say what the body says, once.")


def _decoded(value: str) -> str | None:
    """A header's value; None if it is marked as Base64 but is not."""
    if not (value.startswith(_BASE64_OPENS) and value.endswith(_BASE64_ENDS)):
        return value
    payload = value[len(_BASE64_OPENS) : -len(_BASE64_ENDS)]
    try:
        decoded = b64decode(payload, validate=True)
        # A text has exactly one encoded form; any other is refused.
        return decoded.decode() if b64encode(decoded).decode() == payload else None
    except (binascii.Error, ValueError):
        return None


def _unsupported(requested: str) -> RpcError:
    # A header may contain bytes that are no text; JSON cannot contain them.
    shown = requested[:100].encode(errors="replace").decode()
    data = {"supported": list(reversed(SPOKEN)), "requested": shown}
    message = "That revision of the protocol is not spoken here."
    return RpcError(UNSUPPORTED_VERSION, message, data)
