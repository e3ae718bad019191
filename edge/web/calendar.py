"""`/calendars/{secret}.ics`: a user's meetings, as calendar programs read them.

Such programs send no token: the address itself is the secret. So it is in no log, no
cache that others share, and no index of a search engine.
"""

import asyncio
import re
from types import MappingProxyType

from prospectconnect.scheduling.v1.calendars_pb2 import ReadCalendarRequest
from sanic import HTTPResponse

from edge.calls.answers import problem_answer
from edge.problems import ProblemError
from edge.state import Edge, connected
from edge.upstream.call import call
from edge.web.place import Action, Place
from edge.web.stored import store
from edge.web.stored_answer import stored_answer
from edge.web.visit import Visit, limited, read_nothing

PATH = "/calendars/<name>"
_NAME = re.compile(r"(\w{1,100})\.ics", re.A)
_MEDIA_TYPE = "text/calendar; charset=utf-8"
# Why the services refuse an address: it has ended, or its user may see no meetings.
_ENDED = ("TOKEN_INVALID", "SCOPE_DENIED", "ROLE_DENIED")
_HEADERS = MappingProxyType(
    {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": 'inline; filename="meetings.ics"',
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
)


async def _read(edge: Edge, visit: Visit) -> HTTPResponse:
    match = _NAME.fullmatch(visit.path_values["name"])
    if match is None:
        raise _no_calendar()
    request = ReadCalendarRequest()
    method = connected(edge).methods[type(request)]
    metadata = (*visit.metadata(), ("authorization", f"Calendar {match[1]}"))
    try:
        answer = (await call(method, request, metadata, visit.deadline)).message
    except ProblemError as error:
        if error.reason in _ENDED:
            raise _no_calendar() from None
        raise
    # Compressing a long one takes some milliseconds.
    stored = await asyncio.to_thread(store, answer.text, _MEDIA_TYPE)
    return stored_answer(visit, stored, _HEADERS)


def _no_calendar() -> ProblemError:
    return ProblemError("NOT_FOUND", "There is no such calendar, or it has ended.")


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    headers = {"X-Trace-Id": visit.trace.trace_id, **edge.contracts.newest.headers}
    return problem_answer(problem, visit.request, edge.settings, headers)


PLACE = Place(
    PATH,
    MappingProxyType(
        {"GET": Action(_read, (limited("endpoint_requests"), read_nothing))}
    ),
    _refuse,
    cross_origin=False,
)
