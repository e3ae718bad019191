"""The guide's program keeps two accounts alike, even if it is killed at any moment.

On each side somebody changes contacts meanwhile. Each has a field of their own, whose
last value must stand in the end, and both have one in common.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.guides.pages import GUIDES, blocks_of
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

FIELDS = ("first_name", "last_name", "email", "phone", "job_title")
OWN, COMMON = {"a": "first_name", "b": "last_name"}, "job_title"
AT_FIRST, EDITS_OF_A_ROUND = 5, 12


def program() -> str:
    """The program as the guide has it."""
    (found,) = (b for b in blocks_of(GUIDES / "two-way-sync.md") if b.file_name)
    return found.text


@dataclass(slots=True)
class Sync:
    """The program between two tenants, with what it stores."""

    tenants: tuple[Tenant, Tenant]
    folder: Path
    text: str

    def start(self, *more: str) -> "subprocess.Popen[bytes]":
        file = self.folder / "both.py"
        file.write_text(self.text)
        a, b = self.tenants
        told = {
            "API": f"http://{a.stack.http}/v1",
            "TOKEN": a.tokens["owner"],
            "OTHER_API": f"http://{b.stack.http}/v1",
            "OTHER_TOKEN": b.tokens["owner"],
        }
        return subprocess.Popen(
            [sys.executable, str(file), str(self.folder / "pairs.db"), *more],
            env={**os.environ, **told},
        )

    def to_its_end(self) -> None:
        """Runs it until there is nothing left to do."""
        with self.start("--once") as process:
            assert process.wait(300) == 0


@dataclass(slots=True)
class Person:
    """Changes contacts of one side at random, and knows what must become of them."""

    side: str
    client: Client
    dice: random.Random
    # The last value of the own field, by the e-mail address, which stays.
    wrote: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    made: int = 0

    def create(self) -> None:
        self.made += 1
        email = f"{self.side}{self.made}@x.example"
        own = f"{self.side} {self.made}"
        self.client.create("/contacts", {"email": email, OWN[self.side]: own})
        self.wrote[email] = own

    def rename(self) -> None:
        """Changes the own field of the first contact there is."""
        contact = self.client.search("/contacts", limit=1)["data"][0]
        value = f"{self.side} {self.dice.randrange(10**9)}"
        path = f"/contacts/{contact['id']}"
        assert self.client.patch(path, {OWN[self.side]: value}).status == 200
        self.wrote[contact["email"]] = value

    def edit(self) -> None:
        """Changes or deletes a contact, be it made here or there, or makes one."""
        found = self.client.search("/contacts", limit=100)["data"]
        kind = self.dice.random()
        if kind < 0.15 or not found:
            self.create()
            return
        contact = self.dice.choice(found)
        path = f"/contacts/{contact['id']}"
        if kind < 0.25:
            if self.client.delete(path).status == 204:
                self.deleted.add(contact["email"])
            return
        value = f"{self.side} {self.dice.randrange(10**9)}"
        name = OWN[self.side] if kind < 0.75 else COMMON
        done = self.client.patch(path, {name: value}).status
        assert done in (200, 404), done
        if done == 200 and name == OWN[self.side]:
            self.wrote[contact["email"]] = value


def contacts(client: Client) -> dict[str, Any]:
    """The contacts of a side by their e-mail addresses; each has its own."""
    found = client.pages("/contacts", limit=100)
    by_email = {each["email"]: {n: each[n] for n in FIELDS} for each in found}
    assert len(by_email) == len(found), "one was made twice"
    return by_email


def id_of(client: Client, email: str) -> str:
    """The id of the contact with an address."""
    which = [{"field": "email", "operator": "eq", "value": email}]
    (found,) = client.search("/contacts", filters=which)["data"]
    return str(found["id"])


@pytest.fixture
def sides(running_stacks: Callable[[str], Stack]) -> tuple[Tenant, Tenant]:
    """A tenant in each of two products that run."""
    return new_tenant(running_stacks("together")), new_tenant(running_stacks("split"))


def play(sides: tuple[Tenant, Tenant], folder: Path, text: str, kills: int) -> None:
    """Edits on both sides while the program is killed again and again; then judges."""
    sync, dice = Sync(sides, folder, text), random.Random(random.randrange(10**9))
    with closing(sides[0].client()) as one, closing(sides[1].client()) as two:
        people = Person("a", one, dice), Person("b", two, dice)
        for each in people:
            for _ in range(AT_FIRST):
                each.create()
        sync.to_its_end()
        for _ in range(kills):
            _round(sync, people, dice)
        sync.to_its_end()
        for each in people:  # one change alone: a program with a fault cannot mend it
            each.create()
            sync.to_its_end()
            each.rename()
            sync.to_its_end()
        found = contacts(one)
        assert found == contacts(two)
    deleted = people[0].deleted | people[1].deleted
    assert found.keys() == (people[0].wrote.keys() | people[1].wrote.keys()) - deleted
    for each in people:
        for email, value in each.wrote.items():
            if email in found:
                assert found[email][OWN[each.side]] == value, email


def _round(sync: Sync, people: tuple[Person, Person], dice: random.Random) -> None:
    """People work until both have done enough; the program is killed meanwhile."""
    faults = list[BaseException]()

    def work(person: Person) -> None:
        try:
            for _ in range(EDITS_OF_A_ROUND):
                person.edit()
        except BaseException as fault:
            faults.append(fault)

    with sync.start() as process:
        threads = [threading.Thread(target=work, args=(each,)) for each in people]
        for thread in threads:
            thread.start()
        # It is killed at a random moment, which may be after all edits.
        with_time = dice.uniform(0.1, 1.5)
        try:
            assert process.wait(with_time) is None, "it ended by itself"
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
    assert not faults, faults


def test_two_accounts_are_alike_in_the_end(
    sides: tuple[Tenant, Tenant], tmp_path: Path
) -> None:
    play(sides, tmp_path, program(), rounds("SYNC_KILLS"))


# What is wrong with a program, by the text that makes it so.
FAULTS = {
    "one side always wins": ("if ours == theirs or ours not in seen", "if True"),
    "changes are left out": ("in came_back.items()", "in [*came_back.items()][1:]"),
}


@pytest.mark.canary
@pytest.mark.parametrize("fault", FAULTS)
def test_a_program_with_a_fault_is_found(
    sides: tuple[Tenant, Tenant], tmp_path: Path, fault: str
) -> None:
    good, bad = FAULTS[fault]
    assert program().count(good) == 1
    with pytest.raises(AssertionError):
        play(sides, tmp_path, program().replace(good, bad), 2)


def test_what_comes_back_or_is_merged_does_so_on_both_sides(
    sides: tuple[Tenant, Tenant], tmp_path: Path
) -> None:
    sync = Sync(sides, tmp_path, program())
    with closing(sides[0].client()) as one, closing(sides[1].client()) as two:
        made = [one.create("/contacts", {"email": f"c{n}@x.example"}) for n in range(3)]
        sync.to_its_end()
        for client in (one, two, one):
            its = id_of(client, "c0@x.example")
            assert client.delete(f"/contacts/{its}").status == 204
            sync.to_its_end()
            assert len(contacts(one)) == len(contacts(two)) == 2
            assert client.post(f"/contacts/{its}/restore").status == 200
            sync.to_its_end()
            assert contacts(one) == contacts(two)
            assert len(contacts(one)) == 3
        place = f"/contacts/{made[1]['id']}/merge"
        merged = one.post(place, {"ids": [made[2]["id"]]})
        assert merged.status == 200, merged.body
        sync.to_its_end()
        assert contacts(one) == contacts(two)
        assert len(contacts(two)) == 2


def test_a_program_that_was_away_for_too_long_begins_anew(
    sides: tuple[Tenant, Tenant], tmp_path: Path
) -> None:
    sync = Sync(sides, tmp_path, program())
    with closing(sides[0].client()) as one, closing(sides[1].client()) as two:
        made = [one.create("/contacts", {"email": f"c{n}@x.example"}) for n in range(3)]
        sync.to_its_end()
        one.delete(f"/contacts/{made[0]['id']}")
        one.patch(f"/contacts/{made[1]['id']}", {"phone": "+15550100"})
        two.create("/contacts", {"email": "c3@x.example"})
        with closing(sqlite3.connect(tmp_path / "pairs.db")) as database, database:
            database.execute("DELETE FROM places")
        sync.to_its_end()
        assert contacts(one) == contacts(two)
        assert contacts(two).keys() == {f"c{n}@x.example" for n in (1, 2, 3)}
