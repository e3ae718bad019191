"""The page that says that something cannot be done."""

from sanic import HTTPResponse

from edge.oauth.refusals import description_of, error_of
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit


def refusal_page(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    """The page that says that something cannot be done, and to the developer why."""
    answer = page(
        "refusal",
        status=_status(problem),
        kind=_kind(visit, problem),
        error=error_of(problem),
        description=description_of(problem),
        trace_id=visit.trace.trace_id,
    )
    answer.headers.update(problem.headers)
    return answer


def _status(problem: ProblemError) -> int:
    """The status of a page, which has no 422, and no 401: it asks for no header."""
    status = problem.kind.status
    return 400 if status in (401, 422) else status


def _kind(visit: Visit, problem: ProblemError) -> str:
    """What the user is told, in a word that the template knows."""
    status = problem.kind.status
    if status == 429:
        return "often"
    if status >= 500:
        return "fault"
    if visit.request.path == "/oauth/authorize":
        return "app"
    if problem.reason == "OAUTH_REFUSED":
        return "ended"
    return "gone" if status in (404, 405) else "form"
