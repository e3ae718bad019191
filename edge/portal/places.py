"""The places of the portal. Everyone may read them; one form counts an answer."""

from collections.abc import Awaitable, Callable
from functools import partial
from types import MappingProxyType

from sanic import HTTPResponse

from edge.portal.answers import find, refuse, show
from edge.portal.helpful import vote
from edge.portal.opened import Portal
from edge.portal.status import show_status
from edge.state import Edge
from edge.web.addresses import DOCS, HELPFUL, HOME, PROBLEMS, SEARCH, STATUS
from edge.web.place import Action, Place
from edge.web.same_site import check_site
from edge.web.visit import Gate, Visit, limited, read_form, read_nothing, read_query

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
        place(STATUS, show_status),
        _form(portal, HELPFUL, vote),
        place(f"{DOCS}/<path:path>"),
        place(f"{PROBLEMS}/<path:path>"),
        place("/llms.txt"),
        place("/llms-full.txt"),
        place("/sitemap.xml"),
        place("/robots.txt"),
    )


def _form(portal: Portal, path: str, answer: PortalAnswer) -> Place:
    """An address that takes a form of the portal's pages."""
    gates = (limited("votes"), check_site, read_form)
    actions = MappingProxyType({"POST": Action(partial(answer, portal), gates)})
    return Place(path, actions, refuse, cross_origin=False)
