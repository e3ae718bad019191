"""The answers to "Was this page helpful?": counts by page, and nothing about a reader.

They are figures of the edge and leave it as metrics: no cookie, address or time of a
single answer is kept, and only pages of the site are counted, so they are bounded.
"""

from sanic import HTTPResponse

from edge.portal.answers import portal_page
from edge.portal.opened import Portal
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.visit import Visit

ANSWERS = ("yes", "no")


async def vote(portal: Portal, edge: Edge, visit: Visit) -> HTTPResponse:
    """Counts an answer, and thanks for it.

    Raises:
        ProblemError: `page` is no page of the site, or `answer` is neither yes nor no.
    """
    site = (await portal.open()).site
    path, answer = (visit.parameters.get(name) for name in ("page", "answer"))
    pages = (page for section in site.sections for page in section.pages)
    page = next((page for page in pages if page.path == path), None)
    if page is None or answer not in ANSWERS:
        detail = "`page` must be a page of this site, and `answer` be yes or no."
        raise ProblemError("BAD_REQUEST", detail)
    if edge.watch.figures is not None:
        edge.watch.figures.vote(page.path, answer)
    return portal_page(site, "portal/thanks.html", 200, voted=page, answer=answer)
