"""Apps: those with access, which the user can end, and the user's own apps."""

from prospectconnect.iam.v1 import grants_pb2, own_apps_pb2
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.user import ask, form_fields
from edge.oauth.authorize import see_other
from edge.pages.words import summary
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

_NOTICES = ("ended", "deleted")


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists both."""
    told = [each for each in _NOTICES if visit.parameters.get(each) == "1"]
    return await listed(edge, visit, who, notice=told[0] if told else "")


async def listed(
    edge: Edge, visit: Visit, who: Session, *, notice: str = ""
) -> HTTPResponse:
    """The lists with a notice: `ended`, `deleted`, or `stale` (form already sent)."""
    granted = await ask(edge, visit, grants_pb2.ListGrantedAppsRequest())
    own = await ask(edge, visit, own_apps_pb2.ListOwnAppsRequest())
    return page(
        "account/apps",
        status=409 if notice == "stale" else 200,
        who=who,
        here="apps",
        apps=[(each, summary(each.scopes)) for each in granted.apps],
        own=own.apps,
        notice=notice,
    )


async def end_access(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Ends an app's access; every process refuses its tokens within a second."""
    request = grants_pb2.RevokeGrantedAppRequest(
        client_id=visit.parameters.get("client_id"), **form_fields(visit)
    )
    try:
        await ask(edge, visit, request)
    except ProblemError as problem:
        if problem.reason != "NOT_FOUND":  # the access had ended already
            raise
    return see_other(f"{addresses.APPS}?ended=1")


async def moved(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Redirects from the former address of the page."""
    return see_other(addresses.APPS)


async def ask_about(
    edge: Edge, visit: Visit, who: Session, template: str
) -> HTTPResponse:
    """A page that asks for confirmation before an app of the user is changed."""
    app = await own_app(edge, visit)
    return page(template, who=who, here="apps", app=app)


async def own_app(edge: Edge, visit: Visit) -> own_apps_pb2.OwnApp:
    """The app in the path, if it is the user's own."""
    found = await ask(edge, visit, own_apps_pb2.ListOwnAppsRequest())
    client_id = visit.path_values["client_id"]
    for app in found.apps:
        if app.client_id == client_id:
            own: own_apps_pb2.OwnApp = app
            return own
    raise ProblemError("NOT_FOUND", "You have no such app.")
