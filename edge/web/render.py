"""Web pages as answers, under a strict content security policy.

No page may be in a frame, and none sends a referrer to another site. Pages from `page`
are for one person, and no cache stores them. They run no script but the named ones of
ours, which the policy knows by their contents and which can send nothing. The pages of
a login and of a consent run none.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from sanic import HTTPResponse

from edge.problems import ProblemError
from edge.state import Edge
from edge.web.stored_answer import stored_answer
from edge.web.templating import open_pages
from edge.web.visit import Visit

# Headers of every page.
SHELTERED = MappingProxyType(
    {
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
_FOR_ONE = MappingProxyType({**SHELTERED, "Cache-Control": "no-store"})
_WITHOUT_SCRIPTS = "pages/"
_THEME = "theme.js"
_FOR_GOOD = "public, max-age=31536000, immutable"


def page(
    template: str,
    *,
    status: int = 200,
    goes_to: str = "",
    script: str = "",
    **values: Any,
) -> HTTPResponse:
    """A page.

    Args:
        template: The name of the template, without its suffix.
        status: The HTTP status.
        goes_to: Further targets of the page's forms, as sources of a policy. Browsers
            check redirects against it, too.
        script: The name of a script that it runs besides that of the theme.
        values: The values for the template.
    """
    pages = open_pages()
    body = pages.environment.get_template(f"{template}.html").render(values)
    scripts = () if template.startswith(_WITHOUT_SCRIPTS) else (_THEME, script)
    hashes = tuple(pages.files[name].integrity for name in scripts if name)
    headers = {**_FOR_ONE, "Content-Security-Policy": policy(goes_to, hashes=hashes)}
    return HTTPResponse(body, status, headers, "text/html; charset=utf-8")


async def file(edge: Edge, visit: Visit) -> HTTPResponse:
    """Answers with a file of the pages, which browsers cache forever.

    If the page came from an edge of another version, the file may have another name
    there. Then this edge answers with its own file, and no cache stores it.
    """
    asked = visit.path_values["name"]
    stem, suffix = asked.partition("-")[0], asked.rpartition(".")[2]
    found = open_pages().files.get(f"{stem}.{suffix}")
    if found is None:
        raise ProblemError("NOT_FOUND", "There is no such file.")
    headers = {
        "Cache-Control": _FOR_GOOD if asked == found.name else "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return stored_answer(visit, found.stored, headers)


def policy(
    goes_to: str = "", *, scripts: bool = False, hashes: Sequence[str] = ()
) -> str:
    """The policy of a page (Content-Security-Policy).

    Args:
        goes_to: Further targets of its forms.
        scripts: Whether it runs our scripts, which may then send requests to us.
        hashes: Of the only scripts that it runs. They may send nothing.
    """
    may = "script-src 'self'; connect-src 'self'; " if scripts else ""
    if hashes:
        may = "script-src " + " ".join(f"'{each}'" for each in hashes) + "; "
    return (
        f"default-src 'none'; {may}style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self'{goes_to and ' '}{goes_to}"
    )
