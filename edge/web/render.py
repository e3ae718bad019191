"""Pages as answers, under a strict policy.

No page stands in a frame or tells another site where its visitor came from. Those that
`page` makes are for one person: they run no script, and no cache keeps them.
"""

from types import MappingProxyType
from typing import Any

from sanic import HTTPResponse

from edge.parts import Edge
from edge.problems import ProblemError
from edge.web.giving import give
from edge.web.visit import Visit

# What every page says of itself.
SHELTERED = MappingProxyType(
    {
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
_FOR_ONE = MappingProxyType({**SHELTERED, "Cache-Control": "no-store"})
_FOR_GOOD = "public, max-age=31536000, immutable"


def page(
    edge: Edge, template: str, *, status: int = 200, goes_to: str = "", **values: Any
) -> HTTPResponse:
    """A page.

    Args:
        edge: The edge.
        template: Which template, without its suffix.
        status: The HTTP status.
        goes_to: Where, besides here, the page's forms may lead in the end, as the
            sources of a policy. Browsers hold redirects against it, too.
        values: What the template shows.
    """
    body = edge.pages.environment.get_template(f"{template}.html").render(values)
    headers = {**_FOR_ONE, "Content-Security-Policy": policy(goes_to)}
    return HTTPResponse(body, status, headers, "text/html; charset=utf-8")


async def file(edge: Edge, visit: Visit) -> HTTPResponse:
    """Gives a file of the pages, to be kept for good.

    An edge of another version may be asked for one of a page that it did not make; then
    it gives its own, to be kept by nobody.
    """
    asked = visit.path_values["name"]
    stem, suffix = asked.partition("-")[0], asked.rpartition(".")[2]
    found = edge.pages.files.get(f"{stem}.{suffix}")
    if found is None:
        raise ProblemError("NOT_FOUND", "There is no such file.")
    headers = {
        "Cache-Control": _FOR_GOOD if asked == found.name else "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return give(visit, found.stored, headers)


def policy(goes_to: str = "", *, scripts: bool = False) -> str:
    """The policy of a page (Content-Security-Policy).

    Args:
        goes_to: Where, besides here, its forms may lead.
        scripts: Whether it runs scripts of ours, which may ask us for more.
    """
    may = "script-src 'self'; connect-src 'self'; " if scripts else ""
    return (
        f"default-src 'none'; {may}style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self'{goes_to and ' '}{goes_to}"
    )
