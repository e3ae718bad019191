"""Cross-origin requests: apps in a browser may use the API and its OAuth endpoints.

Every origin is allowed, because these requests use no cookies: they carry their own
credentials. Pages and `/oauth/authorize` are not open to scripts of other sites.
"""

from sanic import HTTPResponse, Request

_SHOWN = (
    *("ETag", "Location", "Version", "X-Trace-Id", "Idempotent-Replayed"),
    *("Dry-Run", "Affected"),
    *("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate"),
    *("Deprecation", "Sunset", "Link"),
)
_ANY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_SHOWN),
}
_PREFLIGHT = {
    # The asterisk does not include Authorization (Fetch, section 3.3.5).
    "Access-Control-Allow-Headers": "Authorization, *",
    "Access-Control-Max-Age": "86400",
}


def open_to_all(answer: HTTPResponse) -> None:
    """Allows scripts of any origin to read an answer."""
    answer.headers.update(_ANY)


def is_preflight(request: Request) -> bool:
    """Whether a request is a preflight: a browser asks if it may send a request."""
    asks = "access-control-request-method" in request.headers
    return asks and request.method == "OPTIONS"


def preflight(methods: str) -> HTTPResponse:
    """The answer to a preflight."""
    headers = {**_ANY, **_PREFLIGHT, "Access-Control-Allow-Methods": methods}
    return HTTPResponse(None, 204, headers)
