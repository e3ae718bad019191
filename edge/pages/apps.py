"""Apps with access: a user sees what they granted, and takes it back."""

from typing import Any

from prospectconnect.iam.v1 import grants_pb2 as pb
from sanic import HTTPResponse

from edge.gates import connected
from edge.oauth.authorize import see_other
from edge.pages.cookies import session_of
from edge.pages.login import login_first
from edge.pages.logout import who_is_it
from edge.pages.words import summary
from edge.parts import Edge
from edge.problems import ProblemError
from edge.upstream import call
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit


async def show(edge: Edge, visit: Visit) -> HTTPResponse:
    """Lists the apps, or has the user log in first."""
    who = await who_is_it(edge, visit)
    if who is None:
        return login_first()
    try:
        found = await _ask(edge, visit, "ListGrantedApps", pb.ListGrantedAppsRequest())
    except ProblemError as problem:
        if problem.reason == "TOKEN_INVALID":  # it ended just now
            return login_first()
        raise
    apps = [(each, summary(each.scopes)) for each in found.apps]
    ended = visit.parameters.get("ended") == "1"
    return page(edge, "apps", who=who, apps=apps, ended=ended)


async def revoke(edge: Edge, visit: Visit) -> HTTPResponse:
    """Takes an app's access away; every process refuses its tokens within a second."""
    request = pb.RevokeGrantedAppRequest(
        client_id=visit.parameters.get("client_id"),
        form_token=visit.parameters.get("form_token"),
        address=visit.address[:64],
    )
    try:
        await _ask(edge, visit, "RevokeGrantedApp", request)
    except ProblemError as problem:
        if problem.reason == "TOKEN_INVALID":
            return login_first()
        if problem.reason != "NOT_FOUND":  # it had none any more
            raise
    return see_other(f"{addresses.APPS}?ended=1")


async def _ask(edge: Edge, visit: Visit, method: str, request: Any) -> Any:
    called = getattr(connected(edge).oauth.grants, method)
    metadata = visit.metadata(session_of(visit))
    return (await call(called, request, metadata, visit.deadline)).message
