"""Cross-origin requests: apps that run in a browser may use the API and its OAuth.

Any origin may, because nothing there looks at a cookie: what a request can do stands in
the request. Pages, and the way to them, are for no other site's scripts.
"""

from sanic import HTTPResponse, Request

_SHOWN = (
    *("ETag", "Location", "Version", "X-Trace-Id", "Idempotent-Replayed"),
    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate"),
    *("Deprecation", "Sunset", "Link"),
)
_ANY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_SHOWN),
}
_PREFLIGHT = {
    # The asterisk does not stand for Authorization (Fetch, section 3.3.5).
    "Access-Control-Allow-Headers": "Authorization, *",
    "Access-Control-Max-Age": "86400",
}


def open_to_all(answer: HTTPResponse) -> None:
    """Lets scripts of any origin read an answer."""
    answer.headers.update(_ANY)


def is_preflight(request: Request) -> bool:
    """Whether a browser asks whether it may send a request."""
    asks = "access-control-request-method" in request.headers
    return asks and request.method == "OPTIONS"


def preflight(methods: str) -> HTTPResponse:
    """The answer to a browser that asks whether it may send a request."""
    headers = {**_ANY, **_PREFLIGHT, "Access-Control-Allow-Methods": methods}
    return HTTPResponse(None, 204, headers)
