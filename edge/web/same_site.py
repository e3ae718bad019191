"""Forms are accepted only from our own pages.

Form tokens ensure that already. This checks the browser's own headers as well, so that
a leaked form token is not enough.
"""

from urllib.parse import urlsplit

from edge.problems import ProblemError
from edge.state import Edge
from edge.web.visit import Visit


async def check_site(edge: Edge, visit: Visit) -> None:
    """403: no header of the browser says that the form came from another site.

    Our pages send no referrer, so browsers send `null` as their origin. A request
    without any other sign is accepted.
    """
    site, origin = visit.header("sec-fetch-site"), visit.header("origin")
    if site:
        own = site in (["same-origin"], ["none"])
    else:
        own = not origin or origin == ["null"] or _is_ours(origin, visit.base)
    if not own:
        raise ProblemError("FORM_INVALID", "The form came from another site.")


def _is_ours(origin: list[str], base: str) -> bool:
    """Compares only host and port: a proxy may terminate TLS."""
    try:
        return [urlsplit(each).netloc for each in origin] == [urlsplit(base).netloc]
    except ValueError:
        return False
