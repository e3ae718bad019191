"""Cross-origin requests: apps that run in a browser may use the endpoints they need.

Any origin may, because none of these endpoints looks at a cookie: what a request can do
stands in the request. Pages, and the way to them, are for no other site's scripts.
"""

from sanic import HTTPResponse

_ANY = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "WWW-Authenticate, Retry-After",
}
_PREFLIGHT = {
    # The asterisk does not stand for Authorization (Fetch, section 3.3.5).
    "Access-Control-Allow-Headers": "Authorization, *",
    "Access-Control-Max-Age": "86400",
}


def open_to_all(answer: HTTPResponse) -> None:
    """Lets scripts of any origin read an answer."""
    answer.headers.update(_ANY)


def preflight(methods: str) -> HTTPResponse:
    """The answer to a browser that asks whether it may send a request."""
    headers = {**_PREFLIGHT, "Access-Control-Allow-Methods": methods}
    return HTTPResponse(None, 204, headers)
