"""Many book at once, by two processes: each place is given once, and none is lost."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.scheduling.booked import (
    HALF,
    INVITEE,
    NINE,
    a_type,
    asked,
    is_taken,
    moved,
    overlaps,
    shared,
)
from tests.end_to_end.scheduling.kept import slots
from tests.end_to_end.scheduling.test_holds import hold
from tests.harness.at_once import at_once
from tests.harness.programs.faulty_program import program
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

ROUNDS = rounds("BOOKING_RACES")
RACERS, PLACES = 40, 8
BUFFER = 15
MOST_RACES = 20  # until a planted fault has shown itself

Promise = Callable[[Tenant, list[str]], None]


@contextmanager
def racers(tenant: Tenant, addresses: list[str]) -> Iterator[list[Client]]:
    """Clients of a tenant, of each address as many, with open connections."""
    with ExitStack() as opened:
        clients = []
        for number in range(RACERS):
            address = addresses[number % len(addresses)]
            client = Client(address, tenant.tokens["owner"])
            clients.append(opened.enter_context(closing(client)))
            assert client.get("/me").status == 200
        yield clients


def race(clients: list[Client], kind: Any, starts: list[Any]) -> list[Any]:
    """All book at once. The bookings that are there then; all others were refused.

    The places of those who were refused are taken.
    """

    def book(place: tuple[int, Client]) -> tuple[str, bool]:
        number, client = place
        invitee = INVITEE | {"email": f"racer{number % 20}@example.com"}
        given = asked(kind, starts[number], invitee=invitee)
        return given["starts_at"], is_taken(client.post("/bookings", given))

    answers = at_once(book, list(enumerate(clients)))
    left = {each["starts_at"] for each in slots(clients[0], kind)}
    lost = [at for at, was_taken in answers if was_taken and at in left]
    assert not lost, f"places were lost: {lost}"
    found: list[Any] = clients[0].pages("/bookings", limit=100)
    assert len(found) == sum(not was_taken for _, was_taken in answers)
    contacts = clients[0].pages("/contacts", limit=100)
    emails = [each["email"] for each in contacts]
    assert len(emails) == len(set(emails)), "an address has several contacts"
    assert {each["contact_id"] for each in found} == {each["id"] for each in contacts}
    return found


def _users(tenant: Tenant) -> list[str]:
    return [tenant.users[each] for each in ("owner", "admin")]


def hosts_in_turn_hold_each_place_once(tenant: Tenant, addresses: list[str]) -> None:
    """Four slots of two hosts."""
    with racers(tenant, addresses) as clients:
        kind = shared(clients[0], _users(tenant), "round_robin")
        starts = [NINE + number % 4 * HALF for number in range(RACERS)]
        found = race(clients, kind, starts)
        assert not overlaps(found), "two meetings overlap"
        assert len(found) == PLACES
        hosts = [each["owner_id"] for each in found]
        assert [hosts.count(each) for each in _users(tenant)] == [4, 4]


def all_hosts_hold_each_place_once(tenant: Tenant, addresses: list[str]) -> None:
    """Eight slots of two hosts together."""
    with racers(tenant, addresses) as clients:
        given = {"durations": [15]}
        kind = shared(clients[0], _users(tenant), "collective", **given)
        starts = [NINE + number % PLACES * HALF / 2 for number in range(RACERS)]
        found = race(clients, kind, starts)
        assert not overlaps(found), "two meetings overlap"
        assert [each["host_ids"] for each in found] == [_users(tenant)] * PLACES


def meetings_keep_their_buffers(tenant: Tenant, addresses: list[str]) -> None:
    """Slots of which each bars its neighbours: by how much is drawn by chance."""
    with racers(tenant, addresses) as clients:
        given = {"durations": [15], "slot_interval": 5, "buffer_after": BUFFER}
        kind = shared(clients[0], _users(tenant), "round_robin", **given)
        grid = [NINE + number * timedelta(minutes=5) for number in range(22)]
        found = race(clients, kind, random.choices(grid, k=RACERS))
        near = overlaps(found, timedelta(minutes=BUFFER))
        assert not near, f"meetings are nearer than their buffer: {near}"


def moved_meetings_share_no_place(tenant: Tenant, addresses: list[str]) -> None:
    """Six of eight places are taken, and all of them move at once, again and again."""
    with racers(tenant, addresses) as clients:
        kind = shared(clients[0], _users(tenant), "round_robin")
        starts = [NINE + number % 3 * HALF for number in range(6)]
        made = [clients[0].create("/bookings", asked(kind, each)) for each in starts]

        def act(place: tuple[int, Client]) -> None:
            number, client = place
            for turn in range(3):
                to = NINE + (number + turn) % 4 * HALF
                is_taken(moved(client, made[number % 6], to))

        at_once(act, list(enumerate(clients[:12])))
        found = clients[0].pages("/bookings")
        assert not overlaps(found), "two meetings overlap"
        assert {each["id"] for each in found} == {each["id"] for each in made}
        for each in found:
            activity = clients[0].get(f"/activities/{each['activity_id']}").json
            assert activity["occurred_at"] == each["starts_at"]


def a_day_is_never_too_full(tenant: Tenant, addresses: list[str]) -> None:
    """Twenty slots of one day; three of them may be booked."""
    with racers(tenant, addresses) as clients:
        given = {"durations": [5], "max_per_day": 3}
        kind = a_type(clients[0], **given)
        starts = [NINE + number * timedelta(minutes=5) for number in range(20)]
        found = race(clients[:20], kind, starts)
        assert len(found) == 3, "a day is too full"
        assert not slots(clients[0], kind)


def a_held_place_is_never_lost(tenant: Tenant, addresses: list[str]) -> None:
    """Half of the racers hold places, the others book; then who holds one books it."""
    with racers(tenant, addresses) as clients:
        kind = shared(clients[0], _users(tenant), "round_robin")

        def begin(place: tuple[int, Client]) -> str | None:
            number, client = place
            at = NINE + number % 4 * HALF
            if number // 4 % 2:
                is_taken(client.post("/bookings", asked(kind, at)))
                return None
            kept = hold(client, kind, at, visitor=str(number))
            return None if is_taken(kept) else kept.json["id"]

        kept = at_once(begin, list(enumerate(clients)))
        assert not slots(clients[0], kind), "places were lost"

        def book(place: tuple[int, Client]) -> None:
            number, client = place
            given = asked(kind, NINE + number % 4 * HALF)
            if (hold_id := kept[number]) is not None:
                answer = client.post("/bookings", given | {"hold_id": hold_id})
                assert not is_taken(answer), "a hold was lost"
            else:
                assert is_taken(client.post("/bookings", given))

        at_once(book, list(enumerate(clients)))
        found = clients[0].pages("/bookings", limit=100)
        assert not overlaps(found), "two meetings overlap"
        assert len(found) == PLACES


PROMISES = (
    hosts_in_turn_hold_each_place_once,
    all_hosts_hold_each_place_once,
    meetings_keep_their_buffers,
    moved_meetings_share_no_place,
    a_day_is_never_too_full,
    a_held_place_is_never_lost,
)


@pytest.mark.usefixtures("no_deadlock")
@pytest.mark.parametrize("promise", PROMISES)
def test_racers_by_two_processes(
    promise: Promise, running_stacks: Callable[[str], Stack]
) -> None:
    both = [running_stacks(each) for each in stacks.TOPOLOGIES]
    for _ in range(ROUNDS):
        promise(new_tenant(both[0]), [each.http for each in both])


def race_often(promise: Promise, stack: Stack) -> None:
    """Races again and again, until the promise is broken."""
    for _ in range(MOST_RACES):
        promise(new_tenant(stack), [stack.http])


def drop_constraint(database_url: str) -> None:
    """Lets the database keep the times of hosts that overlap."""

    async def drop() -> None:
        link = await asyncpg.connect(database_url)
        try:
            await link.execute(
                "ALTER TABLE host_times DROP CONSTRAINT host_times_apart"
            )
        finally:
            await link.close()

    asyncio.run(drop())


@pytest.mark.canary
def test_races_are_lost_with_planted_faults(
    migrated_database: Callable[[str], str],
) -> None:
    """Without the locks of hosts, the database alone keeps meetings from overlapping,
    but not their buffers. Without both, meetings overlap."""
    url = migrated_database("unlocked")
    with stacks.running("together", url, program=program("hosts_unlocked")) as stack:
        for promise in (
            all_hosts_hold_each_place_once,
            moved_meetings_share_no_place,
        ):
            promise(new_tenant(stack), [stack.http])
        with pytest.raises(AssertionError, match="nearer than their buffer"):
            race_often(meetings_keep_their_buffers, stack)
        with pytest.raises(AssertionError, match="a day is too full"):
            race_often(a_day_is_never_too_full, stack)
        drop_constraint(url)
        for promise in PROMISES[:2]:
            with pytest.raises(AssertionError, match="two meetings overlap"):
                race_often(promise, stack)


@pytest.mark.canary
def test_full_days_are_missed_with_a_planted_fault(
    migrated_database: Callable[[str], str],
) -> None:
    """Without the count of a day's meetings, a day has more than it may."""
    url = migrated_database("uncounted")
    with (
        stacks.running("together", url, program=program("days_uncounted")) as stack,
        pytest.raises(AssertionError, match="a day is too full"),
    ):
        a_day_is_never_too_full(new_tenant(stack), [stack.http])


@pytest.mark.canary
def test_lost_holds_are_noticed_with_a_planted_fault(
    migrated_database: Callable[[str], str],
) -> None:
    """Where bookings do not look at holds, who holds a place does not get it."""
    url = migrated_database("unkept")
    with (
        stacks.running("together", url, program=program("holds_ignored")) as stack,
        pytest.raises(AssertionError, match="a hold was lost"),
    ):
        race_often(a_held_place_is_never_lost, stack)
