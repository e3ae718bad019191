"""The places of the public pages of bookings. A refusal is a page, too."""

from types import MappingProxyType

from sanic import HTTPResponse

from edge.booking import addresses, booked, picking
from edge.pages.refusal import status_of
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.place import Action, Place
from edge.web.render import page
from edge.web.same_site import check_site
from edge.web.visit import Visit, limited, read_form, read_query

_PAGE = (limited("pages"), read_query)
_FORM = (limited("pages"), check_site, read_form)


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    """The page that says why there is nothing to book."""
    answer = page(
        "booking/refused",
        status=status_of(problem),
        kind=_kind(problem),
        trace_id=visit.trace.trace_id,
    )
    answer.headers.update(problem.headers)
    return answer


def _kind(problem: ProblemError) -> str:
    status = problem.kind.status
    if status == 429:
        return "often"
    if status >= 500:
        return "fault"
    if status in (404, 405) or problem.reason == "WRONG_STATE":
        return "gone"
    return "large" if status == 413 else "form"


def _place(path: str, **actions: Action) -> Place:
    return Place(path, MappingProxyType(actions), _refuse, cross_origin=False)


_BOOK = {"GET": Action(picking.show, _PAGE), "POST": Action(picking.book, _FORM)}

PLACES = (
    _place(addresses.PAGE, **_BOOK),
    _place(addresses.LINK, **_BOOK),
    _place(addresses.BOOKING, GET=Action(booked.show, _PAGE)),
    _place(addresses.CALENDAR, GET=Action(booked.calendar, _PAGE)),
    _place(
        addresses.MOVE,
        GET=Action(booked.pick_other, _PAGE),
        POST=Action(booked.move, _FORM),
    ),
    _place(
        addresses.CANCEL,
        GET=Action(booked.ask_cancel, _PAGE),
        POST=Action(booked.cancel, _FORM),
    ),
)
