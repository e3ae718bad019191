"""The consent page: a user decides what an app may do in their name.

The user is asked every time. No app is exempt because of its owner or an earlier
consent (RFC 9700, section 4.11; RFC 8252, section 8.6).
"""

from typing import Any

from google.protobuf.message import Message
from prospectconnect.iam.v1 import authorizations_pb2 as pb
from sanic import HTTPResponse

from edge.oauth.authorize import back_to_app
from edge.oauth.refusals import refused
from edge.pages.cookies import session_of
from edge.pages.login import login_first
from edge.pages.words import groups, people
from edge.problems import ProblemError
from edge.state import Edge
from edge.web.render import page
from edge.web.upstream import ask
from edge.web.visit import Visit


async def show(edge: Edge, visit: Visit) -> HTTPResponse:
    """Shows what the app requests, or redirects to the login page first."""
    request = visit.parameters.get("request")
    asked = pb.GetAuthorizationRequest(request=request)
    try:
        found: pb.Authorization = await _ask(edge, visit, asked)
    except ProblemError as problem:
        if problem.reason == "TOKEN_INVALID":
            return login_first(request)
        raise
    return page(
        "pages/consent",
        goes_to=_reachable(found.redirect_uri),
        asked=found,
        request=request,
        allowed=[
            *groups(found.abilities, refused=False),
            people(found.business.name),
        ],
        refused=groups(found.abilities, refused=True),
    )


async def decide(edge: Edge, visit: Visit) -> HTTPResponse:
    """Records the user's decision, and redirects them to the app with it."""
    given = visit.parameters
    answer = {
        "request": given.get("request"),
        "form_token": given.get("form_token"),
        "address": visit.address[:64],
    }
    try:
        if given.get("answer") == "allow":
            yes = pb.ApproveAuthorizationRequest(**answer)
            done = await _ask(edge, visit, yes)
            return back_to_app(
                done.redirect_uri, visit.base, code=done.code, state=done.state
            )
        if given.get("answer") == "deny":
            no = pb.DenyAuthorizationRequest(**answer)
            done = await _ask(edge, visit, no)
            return back_to_app(
                done.redirect_uri, visit.base, error="access_denied", state=done.state
            )
    except ProblemError as problem:
        if problem.reason == "TOKEN_INVALID":
            return login_first(given.get("request"))
        raise
    raise refused("invalid_request", "The form has no answer.")


async def _ask(edge: Edge, visit: Visit, request: Message) -> Any:
    session = session_of(visit)
    if not session:
        raise ProblemError("TOKEN_INVALID", "Nobody is logged in.")
    return await ask(edge, visit, request, session)


def _reachable(redirect_uri: str) -> str:
    """The `form-action` sources: the app's scheme, and https, e.g. for its home page.

    A browser checks each redirect after a form against this policy. A source cannot
    name every host (no IPv6 address), so the sources are schemes only.
    """
    scheme = redirect_uri.partition(":")[0]
    return "https:" if scheme == "https" else f"https: {scheme}:"
