"""Tenants made for one test: a user of every role, each with a token."""

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from services import tenant_setup
from services.iam import tenants, tokens
from services.postgres.database import Database
from services.roles import DEFAULT_ROLES, EVERY_SCOPE, TOKEN
from tests.client import Client
from tests.harness.people.a_job import put_job
from tests.harness.people.copied import Original, People, copy, read_original
from tests.harness.promptly import within
from tests.stacks import Stack

Result = TypeVar("Result")

# All that are not on tokens.
ALL_SCOPES = tuple(each for each in EVERY_SCOPE if each != f"{TOKEN}.all")

# High enough that no test meets a limit that it does not ask for.
NO_LIMIT = (1_000_000, 1)


# By its URL, the database of which the main thread keeps a connection.
_KEPT: dict[str, tuple[asyncio.Runner, Database]] = {}
# By the same URL, the tenant that others are copies of.
_ORIGINALS: dict[str, Original] = {}


@contextmanager
def kept(database_url: str) -> Iterator[None]:
    """Keeps a connection for `administer`, which has prepared its statements.

    A new tenant is a copy of the first one then. What a test sets up need not outlive a
    crash of this server, so nobody waits for the disk.
    """
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(database_url))
        runner.run(_awaited(database.run("SET synchronous_commit = off")))
        _KEPT[database_url] = runner, database
        try:
            yield
        finally:
            del _KEPT[database_url]
            _ORIGINALS.pop(database_url, None)
            runner.run(database.close())


def administer(
    database_url: str, work: Callable[[Database], Awaitable[Result]]
) -> Result:
    """Runs a piece of administration on a database."""
    if is_kept(database_url):
        runner, kept_database = _KEPT[database_url]
        return runner.run(_awaited(work(kept_database)))

    async def run() -> Result:
        database = await Database.open(database_url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def let_transactions_end() -> None:
    """Returns when what ran in the kept databases at the call has ended.

    The feed tells no change before each older transaction of its database has ended,
    and autovacuum's transactions count, too.
    """
    for database_url in list(_KEPT):
        end = administer(database_url, _transaction_after)

        def are_over(database_url: str = database_url, end: int = end) -> bool:
            return administer(database_url, _oldest_transaction) >= end

        assert within(30, are_over)


async def _transaction_after(database: Database) -> int:
    row = await database.row("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    return int(row[0]) if row else 0


async def _oldest_transaction(database: Database) -> int:
    row = await database.row("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
    return int(row[0]) if row else 0


def is_kept(database_url: str) -> bool:
    """Whether this thread may use a kept connection to a database."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and database_url in _KEPT


async def _awaited(work: Awaitable[Result]) -> Result:
    return await work


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant of a running stack: its ids, and a token for each role."""

    stack: Stack
    name: str
    business_id: str
    users: dict[str, str]
    tokens: dict[str, str]

    def client(self, role: str = "owner", **options: str | None) -> Client:
        """A client that calls as the user of a role."""
        options = {"token": self.tokens[role], **options}
        address = self.stack.http
        return Client(address, **options)  # type: ignore[arg-type]  # token is there

    def email(self, role: str) -> str:
        """The address of the user of a role."""
        return f"{role}@{self.name}.example"

    def token(
        self,
        scopes: Sequence[str] = ALL_SCOPES,
        role: str = "owner",
        expires_in: timedelta | None = None,
        rate_limit: tuple[int, int] = NO_LIMIT,
    ) -> str:
        """Another token for the user of a role."""
        return administer(
            self.stack.database_url,
            lambda database: tokens.issue_token(
                database, self.name, self.email(role), scopes, expires_in, rate_limit
            ),
        )


def new_tenant(stack: Stack) -> Tenant:
    """Makes a tenant with a user and an all-scopes token for every default role.

    The owner has begun a job, which has ended. Where `administer` has a connection, all
    but the first are copies.
    """

    async def make(database: Database) -> People:
        original = _ORIGINALS.get(stack.database_url)
        if original is not None:
            return await copy(database, original, new_name())
        made = await make_people(database, new_name())
        if is_kept(stack.database_url):
            _ORIGINALS[stack.database_url] = await read_original(database, made)
        return made

    made = administer(stack.database_url, make)
    return Tenant(stack, made.name, made.business_id, made.users, made.tokens)


def new_name() -> str:
    """The name of a tenant that there is not yet."""
    return f"t{secrets.token_hex(6)}"


async def make_people(database: Database, name: str) -> People:
    """Makes a tenant as the program does, for `new_tenant`."""
    business_id = await tenant_setup.create_tenant(database, name, NO_LIMIT)
    made = People(name, business_id, {}, {})
    for role in DEFAULT_ROLES:
        email = f"{role}@{name}.example"
        made.users[role] = await tenants.create_user(
            database, name, email, role, name=f"{role.title()} of {name}"
        )
        made.tokens[role] = await tokens.issue_token(
            database, name, email, ALL_SCOPES, rate_limit=NO_LIMIT
        )
    await put_job(database, business_id, made.users["owner"])
    return made
