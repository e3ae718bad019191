"""The logged-in user, for whom the account's pages are; others must log in first."""

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from google.protobuf.message import Message
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.pages.cookies import session_of
from edge.pages.login import login_first
from edge.pages.logout import who_is_it
from edge.pages.way_back import wanted
from edge.problems import ProblemError
from edge.state import Edge
from edge.web import upstream
from edge.web.place import Answer
from edge.web.visit import Visit

UserAnswer = Callable[[Edge, Visit, Session], Awaitable[HTTPResponse]]


def for_user(answer: UserAnswer) -> Answer:
    """An answer for a logged-in user; all others are redirected to the login."""

    async def answered(edge: Edge, visit: Visit) -> HTTPResponse:
        who = await who_is_it(edge, visit)
        if who is None:
            return login_first(to=wanted(visit))
        try:
            return await answer(edge, visit, who)
        except ProblemError as problem:
            if problem.reason == "TOKEN_INVALID":  # it ended just now
                return login_first(to=wanted(visit))
            raise

    return answered


async def ask(
    edge: Edge, visit: Visit, request: Message, faulty: Iterable[str] = ()
) -> Any:
    """Calls, as the user, the method that takes this type of request message.

    `faulty` are paths that could not be read. The services then only find the faults of
    what could be, and refuse the request.
    """
    return await upstream.ask(edge, visit, request, session_of(visit), faulty)


def once() -> str:
    """A value that makes a form work only once: the current second and random bytes."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def form_fields(visit: Visit) -> dict[str, str]:
    """The fields that the services require of every form: its token, and its origin."""
    return {
        "form_token": visit.parameters.get("form_token"),
        "address": visit.address[:64],
    }
