"""Keys change without a cursor or a form that fails, whichever process is asked."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from services.clock import DAY, SECOND, now
from services.errors import FormInvalid, NotFound
from services.postgres.database import Database
from services.sealed.forms import Forms
from services.sealed.secret_keys import (
    LOOK_SECONDS,
    SPREAD_SECONDS,
    SecretKey,
    SecretKeys,
    look_again,
    open_keys,
    rotate,
)

NAMES = count()
Work = Callable[[Database, str], Awaitable[None]]
MONTH = 30 * 86_400
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def on(
    database_url: str,
) -> Callable[[Callable[[Database, str], Awaitable[None]]], None]:
    """Runs work on the database, with a name for a key that nobody else has."""

    def run(work: Work) -> None:
        async def opened() -> None:
            database = await Database.open(database_url)
            try:
                await work(database, f"of a test, {next(NAMES)}")
            finally:
                await database.close()

        asyncio.run(opened())

    return run


def opens(keys: SecretKeys, token: str) -> bool:
    try:
        Forms(keys).check(token, "form")
    except FormInvalid:
        return False
    return True


async def age(database: Database, name: str, moments: int) -> None:
    """Lets time go by, for the keys of a name."""
    shift = "make_interval(secs => $2::double precision)"
    await database.run(
        f"UPDATE secrets SET seals_from = seals_from - {shift},"
        f" opens_until = opens_until - {shift} WHERE name = $1",
        name,
        moments / SECOND,
    )


def test_all_processes_have_one_key(on: Callable[[Work], None]) -> None:
    async def work(database: Database, name: str) -> None:
        made = await asyncio.gather(*(open_keys(database, name) for _ in range(5)))
        assert len({(keys.sealing, keys.opening) for keys in made}) == 1

    on(work)


def test_a_new_key_opens_before_it_seals_and_the_old_one_long_after(
    on: Callable[[Work], None],
) -> None:
    async def work(database: Database, name: str) -> None:
        quick, slow = [await open_keys(database, name) for _ in range(2)]
        before = Forms(quick).token("form")
        await rotate(database, name, MONTH)
        await look_again(database, name, quick)
        assert quick.sealing == slow.sealing, "a new key seals before all know it"
        assert len(quick.opening) == 2
        await look_again(database, name, slow)
        await age(database, name, SPREAD_SECONDS * SECOND)
        await look_again(database, name, quick)
        after = Forms(quick).token("form")
        assert after != before
        assert opens(slow, after), "a process that has not looked since knows the key"
        assert opens(quick, before)
        await age(database, name, 29 * DAY)
        await look_again(database, name, quick)
        assert opens(quick, before)
        await age(database, name, 2 * DAY)
        await look_again(database, name, quick)
        assert not opens(quick, before)
        assert opens(quick, after)

    on(work)


def test_processes_look_often_enough() -> None:
    assert LOOK_SECONDS * 3 < SPREAD_SECONDS


def test_a_leaked_key_and_all_before_it_open_nothing(
    on: Callable[[Work], None],
) -> None:
    async def work(database: Database, name: str) -> None:
        keys = await open_keys(database, name)
        first = Forms(keys).token("form")
        await rotate(database, name, MONTH)  # the second does not seal yet
        await rotate(database, name, MONTH, at_once=True)
        await look_again(database, name, keys)
        assert len(keys.opening) == 1
        assert not opens(keys, first)
        assert opens(keys, Forms(keys).token("form"))

    on(work)


def test_what_is_over_is_forgotten(on: Callable[[Work], None]) -> None:
    async def work(database: Database, name: str) -> None:
        await open_keys(database, name)
        for _ in range(3):
            await rotate(database, name, 1)
            await age(database, name, (SPREAD_SECONDS + 2) * SECOND)
        rows = await database.rows("SELECT FROM secrets WHERE name = $1", name)
        assert len(rows) == 2

    on(work)


def test_changes_at_once_leave_one_newest_key(on: Callable[[Work], None]) -> None:
    async def work(database: Database, name: str) -> None:
        keys = await open_keys(database, name)
        made = Forms(keys).token("form")
        await asyncio.gather(
            *(rotate(database, name, MONTH) for _ in range(5)), return_exceptions=True
        )
        rows = await database.rows(
            "SELECT FROM secrets WHERE name = $1 AND opens_until IS NULL", name
        )
        assert len(rows) == 1
        await look_again(database, name, keys)
        assert opens(keys, made)

    on(work)


def test_a_program_of_before_makes_no_second_key(on: Callable[[Work], None]) -> None:
    async def work(database: Database, name: str) -> None:
        await open_keys(database, name)
        await database.run(
            "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            name,
            NEW,
        )
        assert len((await open_keys(database, name)).opening) == 1

    on(work)


def test_a_key_that_nobody_made_is_not_changed(on: Callable[[Work], None]) -> None:
    async def work(database: Database, name: str) -> None:
        with pytest.raises(NotFound):
            await rotate(database, name, MONTH)

    on(work)


def test_the_newest_key_that_has_begun_seals() -> None:
    keys = SecretKeys(SecretKey(NEW, now() + DAY), SecretKey(OLD, 0))
    assert (keys.sealing, keys.opening) == (OLD, (NEW, OLD))
