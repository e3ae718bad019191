"""`security.txt`: the contact for security reports (RFC 9116), if settings name one."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from sanic import HTTPResponse

from edge.calls.answers import problem_answer
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.place import Action, Place
from edge.web.visit import Visit, read_nothing

PATH = "/.well-known/security.txt"

# Copies must expire in less than a year (section 2.5.5).
_GOOD_FOR = timedelta(days=180)


async def _tell(edge: Edge, visit: Visit) -> HTTPResponse:
    contact = edge.settings.security_contact
    if contact is None:
        raise ProblemError("NOT_FOUND", "There is no such route.")
    ends = (datetime.now(UTC) + _GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: {contact}",
        f"Expires: {ends}",
        "Preferred-Languages: en",
        f"Canonical: {visit.base}{PATH}",
    )
    headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
    body = "".join(f"{line}\n" for line in lines)
    return HTTPResponse(body, 200, headers, "text/plain; charset=utf-8")


def _refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    headers = {"X-Trace-Id": visit.trace.trace_id, **edge.contracts.newest.headers}
    return problem_answer(problem, visit.request, edge.settings, headers)


PLACE = Place(
    PATH,
    MappingProxyType({"GET": Action(_tell, (read_nothing,))}),
    _refuse,
    cross_origin=False,
)
