"""The login page, for an app's request or for the user's own pages.

A wrong address, a wrong password and an unknown user get the same page. A login always
makes a new session, and ends the browser's previous one.
"""

import time
from urllib.parse import urlencode

from prospectconnect.iam.v1 import sessions_pb2 as pb
from sanic import HTTPResponse

from edge.oauth.authorize import see_other
from edge.pages.cookies import (
    browser_of,
    keep_browser,
    keep_session,
    new_browser,
)
from edge.pages.logout import end_session
from edge.pages.way_back import known_page
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.upstream import ask
from edge.web.visit import Visit, budget_of, too_many

# Failures after which the page is shown again: the template's message, and the status.
_AGAIN = {
    "LOGIN_REFUSED": ("wrong", 403),
    "VALIDATION_FAILED": ("wrong", 403),
    "LOGIN_LIMITED": ("slow", 429),
    "RATE_LIMITED": ("slow", 429),
    "FORM_INVALID": ("stale", 403),
    "UNAVAILABLE": ("busy", 503),
}
_BUDGET = "failed_logins"


async def show(edge: Edge, visit: Visit) -> HTTPResponse:
    """Shows the page."""
    return await _form(edge, visit)


async def log_in(edge: Edge, visit: Visit) -> HTTPResponse:
    """Logs the user in and redirects to the wanted page, or shows the form again."""
    try:
        made = await _log_in(edge, visit)
    except ProblemError as problem:
        if problem.reason not in _AGAIN:
            raise
        return await _form(edge, visit, problem)
    await end_session(edge, visit)
    given = visit.parameters
    answer = see_other(going_on(given.get("request"), known_page(given.get("to"))))
    seconds = max(1, made.expires_at.seconds - int(time.time()))
    keep_session(answer, visit, made.session, seconds)
    return answer


def login_first(request: str = "", to: str = "") -> HTTPResponse:
    """Redirects a user to this page, for an app's request or for a page of theirs."""
    told = {"request": request} if request else {"to": to} if to else {}
    query = f"?{urlencode(told)}" if told else ""
    return see_other(f"{addresses.LOGIN}{query}")


def going_on(request: str, to: str) -> str:
    """The address that a user is redirected to after the login."""
    if not request:
        return to or addresses.ACCOUNT
    return f"{addresses.CONSENT}?{urlencode({'request': request})}"


async def _log_in(edge: Edge, visit: Visit) -> pb.LogInResponse:
    """Logs in, and takes from the address's budget if that fails."""
    given, browser = visit.parameters, browser_of(visit)
    if not browser:
        raise ProblemError("FORM_INVALID", "The browser did not send its cookie.")
    request = pb.LogInRequest(
        browser=browser,
        request=given.get("request"),
        form_token=given.get("form_token"),
        email=given.get("email"),
        password=given.get("password"),
        workspace=given.get("workspace"),
        address=visit.address[:64],
    )
    budget = budget_of(_BUDGET, visit.address)
    limit = edge.settings.address_limits.failed_logins
    # The budget is charged before the attempt, and refunded after a success. So
    # concurrent attempts cannot exceed it.
    if seconds := await edge.limiter.pace(budget, limit):
        raise too_many(edge, seconds)
    made: pb.LogInResponse = await ask(edge, visit, request)
    await edge.limiter.give_back(budget, limit)
    return made


async def _form(
    edge: Edge, visit: Visit, problem: ProblemError | None = None
) -> HTTPResponse:
    """The page with a form for this browser. A new browser gets a name."""
    known = browser_of(visit)
    browser, request = known or new_browser(), visit.parameters.get("request")
    form = await ask(
        edge, visit, pb.GetLoginFormRequest(browser=browser, request=request)
    )
    notice, status = _AGAIN[problem.reason] if problem else ("", 200)
    answer = page(
        "pages/login",
        status=status,
        form=form,
        request=request,
        to=known_page(visit.parameters.get("to")),
        notice=notice,
        email=visit.parameters.get("email")[:254],
        workspace=visit.parameters.get("workspace")[:255],
    )
    if problem is not None:
        answer.headers.update(problem.headers)
    if not known:
        keep_browser(answer, visit, browser)
    return answer
