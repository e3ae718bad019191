"""A user's own apps: registration by a form, new secrets, deletion."""

from functools import partial

from prospectconnect.iam.v1 import own_apps_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.apps import ask_about, listed
from edge.account.user import ask, form_fields, once
from edge.oauth.authorize import see_other
from edge.oauth.refusals import description_of
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

# The ways of an app to authenticate in the form; the first is preselected.
WAYS = ("client_secret_basic", "client_secret_post", "none")

_MOST_NAME, _MOST_URIS = 100, 8_192

ask_to_rotate = partial(ask_about, template="account/app_rotate")
ask_to_delete = partial(ask_about, template="account/app_delete")


async def show_form(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form that registers an app."""
    return _form(edge, visit, who)


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Registers the app and shows its secret, or shows the form with its faults."""
    given = visit.parameters
    request = pb.CreateOwnAppRequest(
        once=given.get("once"),
        name=given.get("name"),
        redirect_uris=given.get("redirect_uris").split(),
        token_endpoint_auth_method=given.get("way"),
        **form_fields(visit),
    )
    try:
        made = await ask(edge, visit, request)
    except ProblemError as problem:
        if problem.reason == "FORM_INVALID":
            return await listed(edge, visit, who, notice="stale")
        if problem.reason == "OAUTH_REFUSED":
            return _form(edge, visit, who, description_of(problem))
        raise
    return _shown(edge, who, made, rotated=False)


async def rotate(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Gives the app a new secret and shows it."""
    client_id = visit.path_values["client_id"]
    request = pb.RotateOwnAppSecretRequest(client_id=client_id, **form_fields(visit))
    try:
        made = await ask(edge, visit, request)
    except ProblemError as problem:
        if problem.reason == "FORM_INVALID":
            return await listed(edge, visit, who, notice="stale")
        raise
    return _shown(edge, who, made, rotated=True)


async def delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Deletes the app; all its tokens are refused within a second."""
    client_id = visit.path_values["client_id"]
    request = pb.DeleteOwnAppRequest(client_id=client_id, **form_fields(visit))
    await ask(edge, visit, request)
    return see_other(f"{addresses.APPS}?deleted=1")


def _form(edge: Edge, visit: Visit, who: Session, fault: str = "") -> HTTPResponse:
    given = visit.parameters
    way = given.get("way")
    return page(
        "account/app_new",
        status=400 if fault else 200,
        who=who,
        here="apps",
        once=once(),
        fault=fault,
        name=given.get("name")[:_MOST_NAME],
        redirect_uris=given.get("redirect_uris")[:_MOST_URIS],
        way=way if way in WAYS else WAYS[0],
    )


def _shown(
    edge: Edge,
    who: Session,
    made: pb.CreateOwnAppResponse | pb.RotateOwnAppSecretResponse,
    *,
    rotated: bool,
) -> HTTPResponse:
    return page(
        "account/app_made",
        who=who,
        here="apps",
        app=made.app,
        secret=made.client_secret,
        rotated=rotated,
    )
