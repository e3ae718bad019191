"""The logout page: it asks first, so that a link from another site logs no user out."""

from prospectconnect.iam.v1 import sessions_pb2 as pb
from sanic import HTTPResponse

from edge.oauth.authorize import see_other
from edge.pages.cookies import keep_session, session_of
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.upstream import ask
from edge.web.visit import Visit


async def show(edge: Edge, visit: Visit) -> HTTPResponse:
    """Asks whether to log out, or shows that no user is logged in."""
    return page("pages/logout", who=await who_is_it(edge, visit))


async def log_out(edge: Edge, visit: Visit) -> HTTPResponse:
    """Ends the session and deletes its cookie."""
    session = session_of(visit)
    if session:
        await _end(edge, visit, session, visit.parameters.get("form_token"))
    answer = see_other(addresses.LOGOUT)
    keep_session(answer, visit, "", 0)
    return answer


async def who_is_it(edge: Edge, visit: Visit) -> pb.Session | None:
    """The session of the user, with a form token for their own pages; None if none."""
    session = session_of(visit)
    if not session:
        return None
    try:
        who: pb.Session = await ask(edge, visit, pb.GetSessionRequest(), session)
    except ProblemError as problem:
        if problem.reason == "TOKEN_INVALID":
            return None
        raise
    return who


async def end_session(edge: Edge, visit: Visit) -> None:
    """Ends the browser's session, if it has one."""
    who = await who_is_it(edge, visit)
    if who is not None:
        session = session_of(visit)
        await _end(edge, visit, session, who.form_token)


async def _end(edge: Edge, visit: Visit, session: str, form_token: str) -> None:
    request = pb.LogOutRequest(form_token=form_token, address=visit.address[:64])
    try:
        await ask(edge, visit, request, session)
    except ProblemError as problem:
        if problem.reason != "TOKEN_INVALID":  # it had ended already
            raise
