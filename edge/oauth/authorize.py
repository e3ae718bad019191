"""`GET /oauth/authorize`: an app sends its user, whose browser brings the answer back.

The answer is sent only to an address that the app registered. If the app or the address
is wrong, the user is shown the error instead (RFC 6749, section 4.1.2.1).
"""

from urllib.parse import urlencode

from prospectconnect.iam.v1 import authorizations_pb2 as pb
from prospectconnect.iam.v1 import oauth_errors_pb2 as errors
from sanic import HTTPResponse

from edge.oauth.refusals import NO_STORE, description_of, error_of, refused
from edge.oauth.resources import is_ours
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.addresses import CONSENT
from edge.web.upstream import ask
from edge.web.visit import Visit


async def authorize(edge: Edge, visit: Visit) -> HTTPResponse:
    """Begins an authorization, and redirects the user to the consent page."""
    given = visit.parameters
    for name in ("client_id", "redirect_uri"):
        if name in given.repeated:
            raise refused("invalid_request", f"{name} is given twice.")
    request = pb.StartAuthorizationRequest(
        client_id=given.get("client_id"),
        redirect_uri=given.get("redirect_uri"),
        response_type=given.get("response_type"),
        scope=given.get("scope"),
        state=given.get("state"),
        code_challenge=given.get("code_challenge"),
        code_challenge_method=given.get("code_challenge_method"),
        resources=given.resources,
        fault=_fault(edge, visit),
        address=visit.address,
    )
    try:
        started: pb.StartAuthorizationResponse = await ask(edge, visit, request)
    except ProblemError as problem:
        if redirect_uri := problem.members.get("redirect_uri"):
            return _error_to_app(edge, visit, redirect_uri, problem)
        raise
    return see_other(f"{CONSENT}?{urlencode({'request': started.request})}")


def _fault(edge: Edge, visit: Visit) -> errors.RequestFault | None:
    """The fault in the form of the parameters, or None."""
    given = visit.parameters
    if given.repeated:
        return errors.RequestFault(
            error=errors.OAUTH_ERROR_INVALID_REQUEST,
            description=f"{given.repeated[0][:100]!a} is given twice.",
        )
    if given.get("response_mode") not in ("", "query"):
        return errors.RequestFault(
            error=errors.OAUTH_ERROR_INVALID_REQUEST,
            description="The one response_mode is query.",
        )
    if not all(is_ours(resource, visit.base) for resource in given.resources):
        return errors.RequestFault(
            error=errors.OAUTH_ERROR_INVALID_TARGET,
            description="A resource is not one of this server.",
        )
    return None


def _error_to_app(
    edge: Edge, visit: Visit, redirect_uri: str, problem: ProblemError
) -> HTTPResponse:
    given = visit.parameters
    return back_to_app(
        redirect_uri,
        visit.base,
        error=error_of(problem),
        error_description=description_of(problem),
        # With two states, the app's own one is unknown.
        state="" if "state" in given.repeated else given.get("state"),
    )


def back_to_app(redirect_uri: str, issuer: str, **told: str) -> HTTPResponse:
    """Redirects the user back to an app, with parameters for the app.

    Args:
        redirect_uri: An address that the app registered; its query is kept.
        issuer: This server, so that an app that uses several servers does not mix
            them up (RFC 9207).
        told: The parameters; empty ones are left out.
    """
    pairs = {name: value for name, value in told.items() if value}
    query = urlencode({**pairs, "iss": issuer})
    return see_other(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}")


def see_other(location: str) -> HTTPResponse:
    """303: after any method, the browser continues with GET (RFC 9700, 4.12)."""
    headers = {**NO_STORE, "Location": location, "Referrer-Policy": "no-referrer"}
    return HTTPResponse(None, 303, headers)
