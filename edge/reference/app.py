"""The login of the reference: it is an OAuth app like any other.

The server's address must be in the settings, or be a loopback address. Otherwise the
`Host` header, which any client can write, would decide where users are sent.
"""

from urllib.parse import urlsplit

from prospectconnect.iam.v1 import apps_pb2 as pb
from sanic import HTTPResponse

from edge.calls.answers import problem_answer
from edge.oauth.refusals import json_answer
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.addresses import CALLBACK
from edge.web.upstream import ask
from edge.web.visit import Visit

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


async def find_app(scopes: tuple[str, ...], edge: Edge, visit: Visit) -> HTTPResponse:
    """The client id of the reference for `/oauth/authorize`, and its scopes."""
    if edge.settings.public_url is None and not _is_loopback(visit.base):
        detail = "This server has not been told its address, so nobody can log in here."
        raise ProblemError("NOT_FOUND", detail)
    redirect_uri = visit.base + CALLBACK
    request = pb.GetReferenceAppRequest(
        redirect_uri=redirect_uri, address=visit.address
    )
    app: pb.App = await ask(edge, visit, request)
    return json_answer(
        {
            "issuer": visit.base,
            "client_id": app.id,
            "redirect_uri": redirect_uri,
            "scopes": scopes,
        }
    )


def refuse(edge: Edge, visit: Visit, problem: ProblemError) -> HTTPResponse:
    """Answers with a problem."""
    headers = {"X-Trace-Id": visit.trace.trace_id}
    return problem_answer(problem, visit.request, edge.settings, headers)


def _is_loopback(base: str) -> bool:
    try:
        return urlsplit(base).hostname in _LOOPBACK
    except ValueError:
        return False
