"""Sends what is kept ready: compressed where that is taken, and to nobody twice."""

from collections.abc import Mapping
from types import MappingProxyType

from sanic import HTTPResponse

from edge.http.compression import SUFFIX, VARY, WORTH_BYTES, least_size
from edge.http.preconditions import not_modified
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
    accepted = ",".join(visit.header("accept-encoding"))
    packed = bool(stored.gzipped) and least_size(accepted) <= WORTH_BYTES
    tag = f"{stored.tag}{SUFFIX}" if packed else stored.tag
    said = {**headers, **VARY, "ETag": f'"{tag}"'}
    if not_modified(visit.header("if-none-match"), tag):
        return HTTPResponse(None, 304, said)
    if packed:
        said["Content-Encoding"] = "gzip"
    body = stored.gzipped if packed else stored.content
    return HTTPResponse(body, 200, said, stored.media_type)
