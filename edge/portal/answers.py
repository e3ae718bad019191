"""The answers of the portal: pages, lists, search results and refusals.

A refusal is a web page for a client that accepts HTML, else a problem as under `/v1`.
"""

import re
from types import MappingProxyType
from urllib.parse import unquote

from sanic import HTTPResponse, Request

from edge.calls.answers import problem_answer
from edge.calls.outside_gates import contract_of
from edge.http.compression import VARY, compress, is_wanted
from edge.portal.grouping import grouped
from edge.portal.opened import Portal
from edge.portal.search import MOST_CHARACTERS, Found, query_words, search, spelt
from edge.portal.site import HTML, Site
from edge.portal.snippet import Part, mark, snippet
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import SHELTERED, policy
from edge.web.stored_answer import stored_answer
from edge.web.templating import open_pages
from edge.web.visit import Visit

_HEADERS = MappingProxyType(
    {
        **SHELTERED,
        "Content-Security-Policy": policy(scripts=True),
        # Browsers ask again each time, and mostly get a 304.
        "Cache-Control": "no-cache",
    }
)
# A header for web pages and for Markdown, which has no element for it.
_UNLISTED = MappingProxyType({**_HEADERS, "X-Robots-Tag": "noindex"})
_LIKELY = 5
_LOOKED_AT = 60  # results, among which each group has its best
_NO_LETTERS = re.compile(r"[\W_]+")


async def show(portal: Portal, edge: Edge, visit: Visit) -> HTTPResponse:
    """Answers with the page or list at the address."""
    path, opened = visit.request.path, await portal.open()
    if found := await opened.print(path, visit.base):
        is_listed = path not in opened.site.unlisted
        return stored_answer(visit, found, _HEADERS if is_listed else _UNLISTED)
    if path.rstrip("/") in opened.site.texts:
        return HTTPResponse(None, 308, {"Location": path.rstrip("/")})
    if wants_page(visit.request):
        return await not_found_page(portal, visit.request)
    raise ProblemError("NOT_FOUND", "There is no such page.")


async def find(portal: Portal, edge: Edge, visit: Visit) -> HTTPResponse:
    """Searches all pages."""
    site = (await portal.open()).site
    query = visit.parameters.get("q").strip()[:MOST_CHARACTERS]
    groups = grouped(search(site.index, query, _LOOKED_AT))
    shown = [(title, list(map(_shown, hits))) for title, hits in groups]
    count = sum(len(hits) for _, hits in shown)
    words = query_words(query)
    meant = [each for each in spelt(site.index, words) if each not in words]
    told = {"query": query, "meant": meant, "groups": shown, "count": count}
    page = portal_page(site, "portal/search.html", 200, **told)
    page.headers.update(VARY)
    if is_wanted(visit.header("accept-encoding"), page):
        await compress(page)
    return page


def refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    """The answer to a refused request: a problem, or a page that shows it."""
    trace_id = visit.trace.trace_id
    if not wants_page(visit.request):
        headers = {"X-Trace-Id": trace_id, **contract_of(edge, visit.request).headers}
        return problem_answer(problem, visit.request, edge.settings, headers)
    render = open_pages().environment.get_template("portal/refused.html").render
    status = problem.kind.status
    body = render(status=status, problem=problem, trace_id=trace_id, path="")
    headers = {**_HEADERS, **problem.headers}
    return HTTPResponse(body, status, headers, HTML)


async def not_found_page(portal: Portal, request: Request) -> HTTPResponse:
    """The web page for an address that does not exist, with links to likely ones."""
    site = (await portal.open()).site
    name = unquote(request.path).rstrip("/").rpartition("/")[2]
    words = _NO_LETTERS.sub(" ", name).strip()[:MOST_CHARACTERS]
    likely = [each.page for each in search(site.index, words)[:_LIKELY]]
    return portal_page(site, "portal/lost.html", 404, query=words, likely=likely)


def wants_page(request: Request) -> bool:
    """Whether the request comes from a browser that loads a page."""
    accepted = ",".join(request.headers.getall("accept", []))
    return request.method in ("GET", "HEAD") and "text/html" in accepted.lower()


def portal_page(
    site: Site, template: str, status: int, **values: object
) -> HTTPResponse:
    """A page that is made for one request; no list of pages marks it as the current."""
    render = open_pages().environment.get_template(template).render
    body = render(sections=site.sections, path="", **values)
    return HTTPResponse(body, status, dict(_HEADERS), HTML)


def _shown(found: Found) -> tuple[str, list[Part], list[Part], list[Part]]:
    """A result: its address, and its title, heading and text in parts."""
    page, passage = found.page, found.passage
    anchor = passage.anchor and f"#{passage.anchor}"
    return (
        passage.path or f"{page.path}{anchor}",
        mark(page.title, found.words),
        mark(passage.title, found.words),
        snippet(passage, found.words),
    )
