"""Faults that disclose secret or internal data, for `faulty_program` to plant."""

import traceback
from dataclasses import replace
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
    """Names the database driver in every problem."""
    whole = problems.render

    def render(error: Any, *rest: str) -> bytes:
        told = ProblemError(error.reason, f"asyncpg: {error.detail}")
        return whole(told, *rest)

    patch.object(answers, "render", render).start()


def token_logged() -> None:
    """Logs the token of each caller."""
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
    """Redirects after a login to any address in a link."""
    patch.object(login, "known_page", lambda address: address).start()


def sandboxes_read_live() -> None:
    """Takes the tokens of sandboxes for tokens of their live tenants."""
    look_up = Access._look_up
    of = "SELECT sandbox_of FROM tenants WHERE business_id = $1"

    async def look(self: Access, secret: Any) -> Caller | None:
        found = await look_up(self, secret)
        if found is None or not found.sandbox:
            return found
        row = await self._database.row(of, found.business_id)
        return None if row is None else replace(found, business_id=row[0])

    patch.object(Access, "_look_up", look).start()
