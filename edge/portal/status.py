"""The status page: what this server says of itself at this moment."""

import time

from sanic import HTTPResponse

from edge.figures import Figures
from edge.portal.answers import portal_page
from edge.portal.opened import Portal
from edge.state import Edge
from edge.web.visit import Visit

_SERVER_ERRORS = 5  # the first digit of their status


async def show_status(portal: Portal, edge: Edge, visit: Visit) -> HTTPResponse:
    """Asks the services now; 503 if they do not answer, or this server is ending."""
    site = (await portal.open()).site
    begun = time.monotonic()
    upstream = edge.upstream
    ready = upstream is not None and await upstream.ready()
    milliseconds = (time.monotonic() - begun) * 1_000
    works = ready and not edge.draining
    page = portal_page(
        site,
        "portal/status.html",
        200 if works else 503,
        works=works,
        ready=ready,
        ending=edge.draining,
        milliseconds=milliseconds,
        now=int(time.time()),
        answered=_answered(edge.watch.figures),
        contract=str(edge.contracts.newest.date),
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _answered(figures: Figures | None) -> tuple[int, int] | None:
    """The requests since the start, and those that failed here. None: not counted."""
    if figures is None:
        return None
    classes = [timings.classes for timings in figures.operations.values()]
    return sum(map(sum, classes)), sum(each[_SERVER_ERRORS] for each in classes)
