"""The page that shows a refusal."""

from sanic import HTTPResponse

from edge.oauth.refusals import description_of, error_of
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit


def refusal_page(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    """The page that shows a refusal to the user, and its reason to the developer."""
    answer = page(
        "pages/refusal",
        status=status_of(problem),
        kind=_kind(visit, problem),
        error=error_of(problem),
        description=description_of(problem),
        trace_id=visit.trace.trace_id,
    )
    answer.headers.update(problem.headers)
    return answer


def status_of(problem: ProblemError) -> int:
    """The status of the page: not 422, and not 401, which would ask for a header."""
    status = problem.kind.status
    return 400 if status in (401, 422) else status


def _kind(visit: Visit, problem: ProblemError) -> str:
    """The kind of refusal, as the template names it."""
    status = problem.kind.status
    if status == 429:
        return "often"
    if status >= 500:
        return "fault"
    if visit.request.path == "/oauth/authorize":
        return "app"
    if problem.reason == "OAUTH_REFUSED":
        return "ended"
    if status in (404, 405):
        return "gone"
    if problem.reason in ("ROLE_DENIED", "SCOPE_DENIED", "SYSTEM_RECORD"):
        return "denied"
    if status == 413:
        return "large"
    if problem.reason == "FORM_INVALID":
        return "form"
    return "wrong" if visit.request.method in ("GET", "HEAD") else "forged"
