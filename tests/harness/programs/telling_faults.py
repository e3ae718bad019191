"""Faults that tell somebody what they must not learn, for `faulty_program` to plant."""

import traceback
from typing import Any
from unittest.mock import patch

import structlog

from deploy.observing import logs
from edge import problems
from edge.calls import answers
from edge.pages import login
from edge.problems import ProblemError
from services.caller import Caller
from services.iam.access import Access


def inside_told() -> None:
    """Has every problem name the driver of the database."""
    whole = problems.render

    def render(error: Any, *rest: str) -> bytes:
        told = ProblemError(error.reason, f"asyncpg: {error.detail}")
        return whole(told, *rest)

    patch.object(answers, "render", render).start()


def token_logged() -> None:
    """Tells the log with what each caller came."""
    resolve = Access.caller

    async def caller(self: Access, authorization: str) -> Caller:
        structlog.get_logger().info("caller", authorization=authorization)
        return await resolve(self, authorization)

    patch.object(Access, "caller", caller).start()


def messages_logged() -> None:
    """Logs exceptions as Python writes them."""

    def whole(failure: Any) -> str:
        return "".join(traceback.format_exception(*failure))

    patch.object(logs, "failure_text", whole).start()


def any_way_back() -> None:
    """Lets a login lead wherever a link says."""
    patch.object(login, "known_page", lambda address: address).start()
