"""Where the portal is. What is there is read by anybody, and changes nothing."""

from types import MappingProxyType

from edge.portal.answers import find, refuse, show
from edge.web.addresses import DOCS, HOME, PROBLEMS, SEARCH
from edge.web.place import Action, Answer, Place
from edge.web.visit import Gate, limited, read_nothing, read_query


def _place(path: str, answer: Answer = show, read: Gate = read_nothing) -> Place:
    action = Action(answer, (limited("pages"), read))
    actions = MappingProxyType({"GET": action, "HEAD": action})
    return Place(path, actions, refuse, cross_origin=False)


PLACES = (
    _place(HOME),
    _place(DOCS),
    _place(SEARCH, find, read_query),
    _place(f"{DOCS}/<path:path>"),
    _place(f"{PROBLEMS}/<path:path>"),
    _place("/llms.txt"),
    _place("/llms-full.txt"),
    _place("/sitemap.xml"),
    _place("/robots.txt"),
)
