"""Stored content as an answer: compressed if the client accepts that, or a 304."""

from collections.abc import Mapping
from types import MappingProxyType

from sanic import HTTPResponse

from edge.http.compression import SUFFIX, VARY, WORTH_BYTES, least_size
from edge.http.preconditions import not_modified
from edge.web.stored import Stored
from edge.web.visit import Visit

_NONE: Mapping[str, str] = MappingProxyType({})


def stored_answer(
    visit: Visit, stored: Stored, headers: Mapping[str, str] = _NONE
) -> HTTPResponse:
    """Answers with the content, or with a 304 if the client has it already.

    Args:
        visit: The request.
        stored: The content.
        headers: Further headers.
    """
    accepted = ",".join(visit.header("accept-encoding"))
    packed = bool(stored.gzipped) and least_size(accepted) <= WORTH_BYTES
    tag = f"{stored.tag}{SUFFIX}" if packed else stored.tag
    all_headers = {**headers, **VARY, "ETag": f'"{tag}"'}
    if not_modified(visit.header("if-none-match"), tag):
        return HTTPResponse(None, 304, all_headers)
    if packed:
        all_headers["Content-Encoding"] = "gzip"
    body = stored.gzipped if packed else stored.content
    return HTTPResponse(body, 200, all_headers, stored.media_type)
