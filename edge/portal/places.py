"""The places of the portal. Everyone may read them, and none changes anything."""

from collections.abc import Awaitable, Callable
from functools import partial
from types import MappingProxyType

from sanic import HTTPResponse

from edge.portal.answers import find, refuse, show
from edge.portal.opened import Portal
from edge.state import Edge
from edge.web.addresses import DOCS, HOME, PROBLEMS, SEARCH
from edge.web.place import Action, Place
from edge.web.visit import Gate, Visit, limited, read_nothing, read_query

PortalAnswer = Callable[[Portal, Edge, Visit], Awaitable[HTTPResponse]]


def places(portal: Portal) -> tuple[Place, ...]:
    """All places of the portal."""

    def place(
        path: str, answer: PortalAnswer = show, read: Gate = read_nothing
    ) -> Place:
        action = Action(partial(answer, portal), (limited("pages"), read))
        actions = MappingProxyType({"GET": action, "HEAD": action})
        return Place(path, actions, refuse, cross_origin=False)

    return (
        place(HOME),
        place(DOCS),
        place(SEARCH, find, read_query),
        place(f"{DOCS}/<path:path>"),
        place(f"{PROBLEMS}/<path:path>"),
        place("/llms.txt"),
        place("/llms-full.txt"),
        place("/sitemap.xml"),
        place("/robots.txt"),
    )
