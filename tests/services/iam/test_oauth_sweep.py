"""What has outlived its time is forgotten, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from services.background import SWEEP_OPEN_SECONDS
from services.clock import DAY, SECOND, now
from services.iam import attempts, audit
from services.iam.audit import Event
from services.iam.bearer import hash_of
from services.iam.oauth import authorizations
from services.iam.oauth import service as oauth
from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import Database
from services.settings import OauthSettings
from services.tenant_setup import create_tenant

SETTINGS = OauthSettings()
HOUR = 3_600 * SECOND
AGO, TO_COME = -2 * HOUR, 2 * HOUR


@dataclass(frozen=True, slots=True)
class Room:
    """A tenant's tables, and what is put into them."""

    database: Database
    business_id: str
    user_id: str

    async def app(self, age: int, *, used: bool) -> str:
        """An app that registered so long ago."""
        client_id, moment = new_id("app_"), now() - age
        await self.database.run(
            "INSERT INTO apps (id, registration_hash, metadata, created_at, used_at)"
            " VALUES ($1, $2, $3, $4, $5)",
            client_id,
            b"",
            {"client_name": "An app"},
            moment,
            moment if used else None,
        )
        return client_id

    async def authorization(self, client_id: str, **ends: int) -> str:
        """An authorization, and by table what of it ends at a time from now."""
        authorization_id, moment = new_id("aut_"), now()
        await self.database.run(
            "INSERT INTO authorizations (business_id, id, user_id, client_id,"
            " redirect_uri, scopes, permissions, resources, created_at)"
            " VALUES ($1, $2, $3, $4, '', '{}', '{}', '{}', $5)",
            self.business_id,
            authorization_id,
            self.user_id,
            client_id,
            moment,
        )
        for table, end in ends.items():
            key = hash_of(f"{authorization_id} {table}")
            await self.database.run(
                PUT[table], self.business_id, key, authorization_id, moment + end
            )
        return authorization_id

    async def kept(self, table: str, column: str) -> set[str]:
        """What of the tenant is in a table."""
        rows = await self.database.rows(
            f"SELECT {column} FROM {table} WHERE business_id = $1", self.business_id
        )
        return {row[0] for row in rows}


PUT = {
    "authorization_codes": "INSERT INTO authorization_codes (business_id, hash,"
    " authorization_id, expires_at, challenge) VALUES ($1, $2, $3, $4, '')",
    "refresh_tokens": "INSERT INTO refresh_tokens (business_id, hash,"
    " authorization_id, expires_at, created_at) VALUES ($1, $2, $3, $4, $4)",
    "spent_secrets": "INSERT INTO spent_secrets (business_id, hash, authorization_id,"
    " spent_at) VALUES ($1, $2, $3, $4)",
    "tokens": "INSERT INTO tokens (business_id, hash, id, user_id, kind, scopes,"
    " limit_requests, limit_seconds, created_at, expires_at, authorization_id)"
    " SELECT business_id, $2, $3, user_id, 2, '{}', 1, 1, $4, $4, id"
    " FROM authorizations WHERE business_id = $1 AND id = $3",
}


@pytest.fixture
def run(database_url: str) -> Callable[[Callable[[Room], Awaitable[None]]], None]:
    """Runs a test in a room of its own."""

    def with_room(work: Callable[[Room], Awaitable[None]]) -> None:
        async def do() -> None:
            database = await Database.open(database_url)
            try:
                name = new_id("sweep_")
                business_id = await create_tenant(database, name)
                user = await create_user(database, name, "a@b.example", "owner")
                room = Room(database, business_id, user)
                await work(room)
            finally:
                await database.close()

        asyncio.run(do())

    return with_room


Run = Callable[[Callable[[Room], Awaitable[None]]], None]


async def sweep(room: Room) -> None:
    await oauth.sweep_tenant(room.database, room.business_id, SETTINGS)
    await oauth.sweep(room.database, SETTINGS)


def test_an_authorization_stays_as_long_as_something_of_it_is_good(run: Run) -> None:
    async def work(room: Room) -> None:
        app = await room.app(0, used=True)
        good = {
            await room.authorization(app, authorization_codes=TO_COME),
            await room.authorization(app, refresh_tokens=TO_COME, tokens=AGO),
            await room.authorization(app, tokens=TO_COME, spent_secrets=AGO),
            await room.authorization(app, authorization_codes=-60 * SECOND),
        }
        await room.authorization(app, authorization_codes=AGO)
        await room.authorization(app, refresh_tokens=AGO, tokens=AGO)
        await room.authorization(app, spent_secrets=TO_COME)
        await room.authorization(app)
        await sweep(room)
        assert await room.kept("authorizations", "id") == good

    run(work)


def test_what_hangs_on_it_goes_with_it_or_by_itself(run: Run) -> None:
    async def work(room: Room) -> None:
        app = await room.app(0, used=True)
        old = -SETTINGS.refresh_token_seconds * SECOND - HOUR
        await room.authorization(app, refresh_tokens=TO_COME, spent_secrets=old)
        kept = await room.authorization(app, tokens=TO_COME, spent_secrets=AGO)
        await room.authorization(app, tokens=AGO, refresh_tokens=TO_COME)
        await room.authorization(app, tokens=AGO, spent_secrets=AGO)
        await sweep(room)
        assert await room.kept("spent_secrets", "authorization_id") == {kept}
        assert await room.kept("tokens", "id") == {kept}

    run(work)


def test_apps_go_when_they_were_never_used_and_take_their_access(run: Run) -> None:
    async def work(room: Room) -> None:
        old = SETTINGS.unused_app_seconds * SECOND + HOUR
        unused, used = await room.app(old, used=False), await room.app(old, used=True)
        young = await room.app(HOUR, used=False)
        await oauth.sweep(room.database, SETTINGS)
        rows = await room.database.rows("SELECT id FROM apps")
        kept = {row[0] for row in rows} & {unused, used, young}
        assert kept == {used, young}
        await room.authorization(unused, refresh_tokens=TO_COME)
        mine = await room.authorization(used, refresh_tokens=TO_COME)
        await sweep(room)
        assert await room.kept("authorizations", "id") == {mine}

    run(work)


def test_a_request_that_nobody_answers_goes_within_a_minute_of_its_end(
    run: Run,
) -> None:
    async def work(room: Room) -> None:
        ended, good = hash_of(new_id("x_")), hash_of(new_id("x_"))
        for key, end in ((ended, -SECOND), (good, 60 * SECOND)):
            await room.database.run(
                "INSERT INTO authorization_requests (hash, client_id, redirect_uri,"
                " scopes, resources, state, challenge, expires_at)"
                " VALUES ($1, $2, '', '{}', '{}', '', '', $3)",
                key,
                await room.app(0, used=True),
                now() + end,
            )
        await authorizations.sweep(room.database)
        rows = await room.database.rows(
            "SELECT hash FROM authorization_requests WHERE hash = ANY($1)",
            [ended, good],
        )
        assert [row[0] for row in rows] == [good]

    run(work)
    assert SWEEP_OPEN_SECONDS <= 60


def test_events_are_kept_for_four_hundred_days(run: Run) -> None:
    async def work(room: Room) -> None:
        for name in ("old", "young"):
            await audit.record(room.database, Event(name, room.business_id))
        await room.database.run(
            "UPDATE audit SET at = $2 WHERE business_id = $1"
            " AND event IN ('user_created', 'old')",
            room.business_id,
            now() - 400 * DAY - HOUR,
        )
        await sweep(room)
        assert await room.kept("audit", "event") == {"young"}

    run(work)


def test_attempts_are_forgotten_unless_the_browser_is_known(run: Run) -> None:
    async def work(room: Room) -> None:
        known = attempts.attempt_of(f"{room.user_id}@b.example", "b", "192.0.2.1")
        await attempts.pay(room.database, known)
        await attempts.forgive(room.database, known)
        strange = attempts.attempt_of(f"{room.user_id}@c.example", "b", "192.0.2.1")
        await attempts.pay(room.database, strange)
        accounts = [hash_of(known.email), hash_of(strange.email)]
        await room.database.run(
            "UPDATE login_attempts SET rested_at = now() WHERE account = ANY($1)",
            accounts,
        )
        await oauth.sweep(room.database, SETTINGS)
        rows = await room.database.rows(
            "SELECT account, place FROM login_attempts WHERE account = ANY($1)",
            accounts,
        )
        assert [tuple(row) for row in rows] == [(accounts[0], known.browser)]

    run(work)
