"""Readers that are woken together share one read, and each gets what is after it."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact

from services.caller import Call
from services.changes import order, sharing
from services.changes.order import Page, Position
from services.changes.sharing import SharedPages
from services.every_kind import compile_kinds
from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import LONGEST_KEPT, Database
from services.records.engine import Records
from services.tenant_setup import create_tenant
from tests.services.callers import caller
from tests.services.changes.telling import place_after

KINDS = compile_kinds()
READERS = 200
OBJECTS = ["companies", "contacts"]


class Scene:
    """A tenant whose readers stand in many places, and how often the log is read."""

    def __init__(self, database: Database, call: Call) -> None:
        self.database, self.call, self.reads = database, call, 0
        self.contacts = Records[Any](database, KINDS["contact"])
        self.shared = SharedPages(database, self._no_states)

    @property
    def tenant(self) -> str:
        return self.call.caller.business_id

    async def _no_states(self, *_: Any) -> dict[Any, Any]:
        return {}

    async def happen(self, number: int) -> int:
        """Changes; returns a place after them, once all of them are told."""
        for each in range(number):
            await self.contacts.create(self.call, Contact(phone=f"12{each}"))
        return await place_after(self.database)

    async def alone(self, position: Position, limit: int) -> Page:
        """What a reader finds that shares with nobody."""
        return await order.read_page(
            self.database, self.tenant, position, OBJECTS, limit
        )

    async def together(
        self, positions: list[Position], limits: list[int], seen: int
    ) -> list[Page]:
        """What readers find that are woken at once."""
        return await asyncio.gather(
            *(
                self.shared.read(self.tenant, position, OBJECTS, limit, seen)
                for position, limit in zip(positions, limits, strict=True)
            )
        )


@pytest.fixture
def play(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Scene], Any]], None]:
    """Runs something with a scene, whose reads of the log are counted."""

    async def run(work: Callable[[Scene], Any]) -> None:
        database = await Database.open(database_url, max_connections=4)
        name = new_id("feed-")
        business_id = await create_tenant(database, name)
        user = await create_user(database, name, "one@x.example", "owner")
        scene, read = Scene(database, Call(caller(business_id, user))), order.read_page

        async def counted(*given: Any) -> Page:
            scene.reads += 1
            return await read(*given)

        monkeypatch.setattr(order, "read_page", counted)
        try:
            await work(scene)
        finally:
            await database.close()

    return lambda work: asyncio.run(run(work))


def test_a_change_costs_one_read_however_many_wait(
    play: Callable[[Callable[[Scene], Any]], None],
) -> None:
    async def work(scene: Scene) -> None:
        position = await order.horizon(scene.database)
        for _ in range(3):
            seen = await scene.happen(2)
            scene.reads = 0
            pages = await scene.together([position] * READERS, [100] * READERS, seen)
            assert scene.reads == 1
            assert {len(page.rows) for page in pages} == {2}
            (position,) = {page.end for page in pages}

    play(work)


async def _drawn(scene: Scene, chance: random.Random) -> None:
    """Readers in drawn places, each compared with one that reads alone."""
    places = [await scene.happen(chance.randint(0, 3)) for _ in range(8)]
    seen = places[-1]
    positions = [Position(chance.choice(places)) for _ in range(30)]
    some = (await scene.alone(Position(places[0] - 1), 100)).rows
    positions += [order.after(chance.choice(some)) for _ in range(10) if some]
    limits = [chance.choice((1, 2, 100)) for _ in positions]
    found = await scene.together(positions, limits, seen)
    for position, limit, page in zip(positions, limits, found, strict=True):
        expected = await scene.alone(position, limit)
        assert list(map(_change, page.rows)) == list(map(_change, expected.rows))
        assert page.has_more == expected.has_more
        assert page.horizon >= seen
        if page.has_more:
            assert page.end == expected.end
        else:
            assert seen <= page.end.place <= expected.end.place


def _change(row: Any) -> tuple[Any, ...]:
    """What a row is about; how far the feed goes differs from read to read."""
    return row["place"], row["record_id"], row["version"], row["at"], row["now"]


def test_the_statement_of_a_page_is_kept_prepared() -> None:
    assert len(order.PAGE_SQL) <= LONGEST_KEPT


def test_each_gets_what_is_after_its_place(
    play: Callable[[Callable[[Scene], Any]], None],
) -> None:
    async def work(scene: Scene) -> None:
        for number in range(6):
            await _drawn(scene, random.Random(number))

    play(work)


def test_a_page_that_does_not_reach_back_is_found(
    play: Callable[[Callable[[Scene], Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing._Kept, "reaches", lambda *_: True)

    async def work(scene: Scene) -> None:
        for number in range(6):
            await _drawn(scene, random.Random(number))

    with pytest.raises(AssertionError):
        play(work)


def test_who_is_woken_later_gets_what_has_happened_since(
    play: Callable[[Callable[[Scene], Any]], None],
) -> None:
    async def work(scene: Scene) -> None:
        position = await order.horizon(scene.database)
        for number in (1, 2, 3):
            seen = await scene.happen(1)
            (page,) = await scene.together([position], [100], seen)
            assert len(page.rows) == number

    play(work)


def test_who_leaves_stops_no_other(
    play: Callable[[Callable[[Scene], Any]], None],
) -> None:
    async def work(scene: Scene) -> None:
        position = await order.horizon(scene.database)
        seen = await scene.happen(1)
        given = scene.tenant, position, OBJECTS, 100, seen
        first, second = (
            asyncio.create_task(scene.shared.read(*given)) for _ in range(2)
        )
        await asyncio.sleep(0)
        first.cancel()
        assert len((await second).rows) == 1

    play(work)
