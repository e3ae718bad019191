"""Requests without a route: browsers get a page, clients of the API a problem."""

from sanic import HTTPResponse, Request

from edge.calls.outside_gates import answer_outside
from edge.http.address import client_address
from edge.portal.answers import not_found_page, wants_page
from edge.portal.opened import Portal
from edge.state import Edge
from edge.web.visit import budget_of

_OF_EVERY_ANSWER = ("Date", "X-Trace-Id")


async def answer_not_found(
    edge: Edge, portal: Portal, request: Request, error: Exception
) -> HTTPResponse:
    """Answers a request without a route.

    The answer is a problem. It is a page for a browser outside `/v1`, while the edge is
    not full and the address has requests for pages left.
    """
    problem = answer_outside(edge, request, error)
    api = f"{request.path}/".startswith("/v1/")
    if api or edge.load.is_full or not wants_page(request):
        return problem
    if not await _may_see_page(edge, request):
        return problem
    page = await not_found_page(portal, request)
    page.headers.update({name: problem.headers[name] for name in _OF_EVERY_ANSWER})
    return page


async def _may_see_page(edge: Edge, request: Request) -> bool:
    address = client_address(
        request.ip,
        request.headers.getall("x-forwarded-for", []),
        edge.settings.trusted_proxies,
    )
    limit = edge.settings.address_limits.pages
    return not await edge.limiter.pace(budget_of("pages", address), limit)
