"""Sends what is kept ready, compressed to whoever takes it, but not what they have."""

from collections.abc import Mapping
from types import MappingProxyType

from sanic import HTTPResponse

from edge.preconditions import not_modified
from edge.web.stored import Stored
from edge.web.visit import Visit

_NONE: Mapping[str, str] = MappingProxyType({})


def give(
    visit: Visit, stored: Stored, headers: Mapping[str, str] = _NONE
) -> HTTPResponse:
    """Sends it, or 304 to whoever has it.

    Args:
        visit: The request.
        stored: What is sent.
        headers: Headers beside those that say what it is.
    """
    packed = bool(stored.gzipped) and _takes_gzip(visit.header("accept-encoding"))
    # Two forms are two things to a strong tag (RFC 9110, section 8.8.3).
    tag = f"{stored.tag}-gzip" if packed else stored.tag
    said = {**headers, "ETag": f'"{tag}"', "Vary": "Accept-Encoding"}
    if not_modified(visit.header("if-none-match"), tag):
        return HTTPResponse(None, 304, said)
    if packed:
        said["Content-Encoding"] = "gzip"
    body = stored.gzipped if packed else stored.content
    return HTTPResponse(body, 200, said, stored.media_type)


def _takes_gzip(accepted: list[str]) -> bool:
    """Whether the client takes gzip, as its `Accept-Encoding` says."""
    for coding in ",".join(accepted).lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in ("gzip", "x-gzip"):
            return weight.replace(" ", "").rstrip("0") not in ("q=", "q=0.", "q=.")
    return False
