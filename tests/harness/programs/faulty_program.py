"""The program with a planted fault, so that a harness can prove that it finds it.

`python -m tests.harness.programs.faulty_program FAULT ARGUMENT...` plants one of
`FAULTS` and runs the command line as usual. The product itself has no code for this.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from sanic.http import Http

from deploy.commands.command_line import main
from deploy.serving import http_server
from edge import answering
from edge import app as edge_app
from edge.calls.exchange import Exchange
from edge.calls.perform import perform
from edge.http.sanic_touchup import apply_touchup
from edge.trace import start_trace
from services.answers import finding
from services.caller import Call, Caller
from services.duplicates import looking
from services.errors import NotFound
from services.gates.turns import Turns
from services.iam.access import Access
from services.iam.oauth import redemptions
from services.kinds import field_rules
from services.postgres.connections import Pool
from services.postgres.database import Database
from services.records import commands, idempotency
from services.records.engine import Records
from services.records.reading import deleted_too
from services.records.reading import one as loading
from services.records.statements import Shape, insert_sql, update_sql
from services.records.upserts import Upserts
from services.search import searches
from tests.harness.programs.mail_faults import mail_judged_once
from tests.harness.programs.scheduling_faults import OF_SCHEDULING
from tests.harness.programs.telling_faults import (
    any_way_back,
    inside_told,
    messages_logged,
    sandboxes_read_live,
    token_logged,
)


def program(fault: str) -> tuple[str, ...]:
    """The command that `tests.stacks.start` runs instead of the product."""
    return (__spec__.name, fault)


def key_apart() -> None:
    """Stores the key of a create in a second statement, after a check that it does not
    exist: right only without a crash and without other calls."""
    create_keyless = Records.create

    async def create(self: Records[Any], call: Call, given: Any) -> Any:
        if call.key is not None:
            kept = await idempotency.replay(self.database, call, self.kind.message)
            if kept is not None:
                raise NotFound  # then the stored answer is returned
        answer = await create_keyless(self, replace(call, key=None), given)
        await commands.keep_answer(self.database, call, answer)
        return answer

    patch.object(Records, "create", create).start()


def upsert_unlocked() -> None:
    """Lets concurrent upserts of one new value search and create at the same time."""

    async def lock(*_: object) -> str:
        return ""

    patch.object(Upserts, "_lock", lock).start()


def version_unchecked() -> None:
    """Overwrites records even if they have changed since they were read."""

    def careless(shape: Shape) -> str:
        return update_sql(shape).replace("version = $3", "$3::integer > 0")

    patch.object(commands, "update_sql", careless).start()


def reference_unlocked() -> None:
    """Checks that a linked record exists, but does not lock it."""
    for name, whole in (("insert_sql", insert_sql), ("update_sql", update_sql)):

        def careless(shape: Shape, whole: Callable[[Shape], str] = whole) -> str:
            return whole(shape).replace(" FOR SHARE OF r", "")

        patch.object(commands, name, careless).start()


def everything_visible() -> None:
    """Shows every record of a tenant to all of its users."""
    for room in (loading, searches, deleted_too, looking, finding):
        patch.object(room, "visible", lambda *_: "").start()


def caller_asked_twice() -> None:
    """Adds a query for the caller's permissions to every call."""
    resolve = Access.caller

    async def caller(self: Access, authorization: str) -> Caller:
        await self._database.row("SELECT 1")
        return await resolve(self, authorization)

    patch.object(Access, "known", return_value=None).start()
    patch.object(Access, "caller", caller).start()


def fifty_calls_more() -> None:
    """Adds some useless function calls to every call."""
    known_to = Access.known

    def known(self: Access, authorization: str) -> Caller | None:
        for _ in range(50):
            len(authorization)
        return known_to(self, authorization)

    patch.object(Access, "known", known).start()


def secret_selected_then_deleted() -> None:
    """Reads a code or token, and deletes it in a separate statement."""
    for name in ("REDEEM_CODE", "REDEEM_REFRESH_TOKEN"):
        whole = getattr(redemptions, name)
        taken = re.search(r"taken AS \((.*?RETURNING (.*?))\n\)", whole, re.DOTALL)
        assert taken is not None
        careless = f"gone AS ({taken[1]}), taken AS (SELECT {taken[2]} FROM found)"
        sql = whole.replace(taken[0], careless)
        sql = sql.replace("$3 FROM taken\n", "$3 FROM taken ON CONFLICT DO NOTHING\n")
        patch.object(redemptions, name, sql).start()


def trace_believed() -> None:
    """Reads a client's `traceparent` without a check."""

    def start(headers: list[str], share: float) -> Any:
        for header in headers:
            int(header.split("-")[1], 16)
        return start_trace(headers, share)

    patch.object(answering, "start_trace", start).start()


def somebodys_takes_longer() -> None:
    """Takes longer for a record of another tenant than for an unknown id."""
    find = Records.get

    async def get(
        self: Records[Any], caller: Caller, record_id: str, its: str = ""
    ) -> Any:
        if not record_id.endswith("01234567"):  # the end of the tests' unknown id
            await asyncio.sleep(0.001)
        return await find(self, caller, record_id, its)

    patch.object(Records, "get", get).start()


def bodies_of_get_unread() -> None:
    """Reads the body of a GET as the next request."""

    def plant(app: Any) -> None:
        apply_touchup(app)
        read: Any = Http.http1_request_header

        async def read_head(self: Any) -> None:
            await read(self)
            if self.request.method == "GET":
                self.request_body, self.request_bytes_left = None, 0

        patch.object(Http, "http1_request_header", read_head).start()

    patch.object(edge_app, "apply_touchup", plant).start()


def kept_alive_to_the_end() -> None:
    """Ends without telling clients to close their connections."""

    async def drain(server: Any, _: object, seconds: float) -> None:
        server.server.close()
        await asyncio.sleep(min(seconds, 1.0))
        for connection in tuple(server.connections):
            connection.close_if_idle()
        for connection in tuple(server.connections):
            connection.abort()

    patch.object(http_server, "drain", drain).start()


def broken_connections_kept() -> None:
    """Does not release connections to the database whose work was interrupted."""

    async def nothing() -> None:
        return None

    def forget(*_: object) -> asyncio.Task[None]:
        return asyncio.create_task(nothing())

    patch.object(Pool, "release_interrupted", forget).start()


def everybodys_turn() -> None:
    """Runs every call at once, without turns."""
    patch.object(Turns, "begin", lambda *_: True).start()
    patch.object(Turns, "end", lambda *_: None).start()


def departures_unnoticed() -> None:
    """Continues a request whose client has disconnected."""

    async def perform_on(*what: Any) -> Any:
        return await asyncio.shield(perform(*what))

    patch.object(answering, "perform", perform_on).start()


def exchanges_kept() -> None:
    """Keeps every request in memory, each in a task that does not end."""
    tasks = set[asyncio.Task[None]]()

    async def remember(_: Exchange) -> None:
        await asyncio.Event().wait()

    def make(**of: Any) -> Exchange:
        exchange = Exchange(**of)
        tasks.add(asyncio.create_task(remember(exchange)))
        return exchange

    patch.object(answering, "Exchange", make).start()


def transactions_in_pieces() -> None:
    """Commits each statement of a transaction separately."""

    async def in_transaction(self: Database, work: Callable[[Any], Any]) -> Any:
        return await work(self)

    patch.object(Database, "in_transaction", in_transaction).start()


def amounts_tried_every_way() -> None:
    """Parses an amount with a regular expression that backtracks exponentially."""
    pattern = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?", re.ASCII)

    def exact(text: str) -> Decimal | None:
        return Decimal(text) if pattern.fullmatch(text) else None

    patch.object(field_rules, "exact", exact).start()


FAULTS: Mapping[str, Callable[[], None]] = MappingProxyType(
    {
        each.__name__: each
        for each in (
            key_apart,
            upsert_unlocked,
            version_unchecked,
            reference_unlocked,
            everything_visible,
            caller_asked_twice,
            fifty_calls_more,
            secret_selected_then_deleted,
            trace_believed,
            inside_told,
            somebodys_takes_longer,
            token_logged,
            messages_logged,
            bodies_of_get_unread,
            any_way_back,
            sandboxes_read_live,
            kept_alive_to_the_end,
            broken_connections_kept,
            everybodys_turn,
            departures_unnoticed,
            exchanges_kept,
            transactions_in_pieces,
            amounts_tried_every_way,
            *OF_SCHEDULING,
            mail_judged_once,
        )
    }
)

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    main()
