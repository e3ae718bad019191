"""Requests for what is not there: people get a page, clients of the API a problem."""

from sanic import HTTPResponse, Request

from edge.calls.outside_gates import answer_outside
from edge.http.address import client_address
from edge.parts import Edge
from edge.portal.answers import lost, wants_page
from edge.web.visit import budget_of

_OF_EVERY_ANSWER = ("Date", "X-Trace-Id")


async def answer_lost(edge: Edge, request: Request, error: Exception) -> HTTPResponse:
    """Answers where there is no route: with a problem, but with a page to a person who
    is not under `/v1` and has not been lost too often, while there is time for it.
    """
    problem = answer_outside(edge, request, error)
    api = f"{request.path}/".startswith("/v1/")
    if api or edge.load.is_full or not wants_page(request):
        return problem
    if not await _may_see_page(edge, request):
        return problem
    page = await lost(edge, request)
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
