"""Forms count only from our own pages. Their form tokens see to that already; this is
what the browser itself says, so that a token which leaks is not enough.
"""

from urllib.parse import urlsplit

from edge.problems import ProblemError
from edge.state import Edge
from edge.web.visit import Visit


async def check_site(edge: Edge, visit: Visit) -> None:
    """403: the browser does not say that the form came from another site.

    Our pages send no referrer, so that browsers write `null` for their origin; those
    that tell no more are believed.
    """
    site, origin = visit.header("sec-fetch-site"), visit.header("origin")
    if site:
        own = site in (["same-origin"], ["none"])
    else:
        own = not origin or origin == ["null"] or _is_ours(origin, visit.base)
    if not own:
        raise ProblemError("FORM_INVALID", "The form came from another site.")


def _is_ours(origin: list[str], base: str) -> bool:
    """By host and port alone: TLS may end before us."""
    try:
        return [urlsplit(each).netloc for each in origin] == [urlsplit(base).netloc]
    except ValueError:
        return False
