"""Random lives of contacts while e-mails go to them: none to who has not agreed."""

import math
import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.consent.agreeing import topic
from tests.end_to_end.consent.mailed import click
from tests.end_to_end.consent.model import DENIED, GRANTED, Said
from tests.end_to_end.consent.test_lives_of_consents import Life
from tests.end_to_end.emails.mailing import MAILING, PUBLIC_URL, ends, send, sender
from tests.end_to_end.emails.post_office import Letter, PostOffice, opened
from tests.harness.programs.faulty_program import program
from tests.rounds import rounds
from tests.world import Tenant, new_tenant

STEPS = 40
REQUIRES = (GRANTED, "legitimate_interest")
DEAD = 3  # the address, of four, that no mailbox has


@dataclass(slots=True)
class Sent:
    """An e-mail: whose it is, its topic, and the merges that moved it."""

    owner: str
    topic: str | None
    from_: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """Where each e-mail may go, from when this may hold until it no longer can.

    It may hold as soon as the action begins that makes it so, and until the next one
    has ended.
    """

    may: dict[str, str | None]
    since: float
    until: float = math.inf


@dataclass(slots=True)
class Mailed(Life):
    """A life in which e-mails are sent."""

    office: PostOffice = field(default_factory=PostOffice)
    sender: str = ""
    emails: dict[str, str | None] = field(default_factory=dict)
    sent: dict[str, Sent] = field(default_factory=dict)
    survivors: dict[str, str] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)

    def contact(self) -> None:
        Life.contact(self)
        for each in self.model.said:
            self.emails.setdefault(each, self.email(each))

    def moved(self) -> None:
        """Somebody gets another address."""
        who, address = self.someone(), self.address()
        assert self.client.patch(f"/contacts/{who}", {"email": address}).status == 200
        self.emails[who] = address

    def mailed(self) -> None:
        """An e-mail is created, often for a little later."""
        who, about = self.someone(), self.draws.choice([None, *sorted(self.topics)])
        later = timedelta(seconds=self.draws.choice((0, 0.5, 1, 2)))
        others: dict[str, Any] = {"send_at": (datetime.now(UTC) + later).isoformat()}
        if about is not None:
            others["topic_id"] = about
        made = send(self.client, self.sender, who, **others)
        self.sent[made["id"]] = Sent(who, about)

    def clicked(self) -> None:
        """Somebody follows the link in a mail that came."""
        with self.office.lock:
            letters = [e for e in self.office.letters if e.message["List-Unsubscribe"]]
        mine = [each for each in letters if each.id in self.sent]
        if not mine:
            return
        letter = self.draws.choice(mine)
        link = str(letter.message["List-Unsubscribe"]).strip("<>")
        assert click(self.client, link.removeprefix(PUBLIC_URL)).status == 200
        about, address = self.sent[letter.id].topic, letter.to.lower()
        assert about is not None
        named = {
            each
            for each, email in self.emails.items()
            if (email or "").lower() == address and each in self.model.said
        }
        # Whose the link is depends on merges since; it is one who had the letter.
        named |= {self.sent[letter.id].owner} & set(self.model.said)
        for each in sorted(named):
            if self.model.newest(each, about) != DENIED:
                self.model.say(each, Said(about, DENIED))

    def merged(self) -> None:
        before = set(self.model.merges)
        Life.merged(self)
        for merge_id in set(self.model.merges) - before:
            survivor, others = self.model.merges[merge_id]
            for each in self.sent.values():
                if each.owner in others:
                    each.from_.append((merge_id, each.owner))
                    each.owner = survivor
            self.emails[survivor] = self.email(survivor)

    def parted(self) -> None:
        before = dict(self.model.merges)
        Life.parted(self)
        for merge_id in set(before) - set(self.model.merges):
            survivor, others = before[merge_id]
            for each in self.sent.values():
                last = next((e for e in each.from_ if e[0] == merge_id), None)
                if last is not None:
                    del each.from_[each.from_.index(last) :]
                    each.owner = last[1]
            for one in (survivor, *others):
                self.emails[one] = self.email(one)

    def erased(self) -> None:
        if len(self.model.said) > 2:
            who = self.someone()
            answer = self.client.post(f"/contacts/{who}/erase", {"reason": "A request"})
            assert answer.status == 200, answer.body
            self.model.said.pop(who)

    def suppressed(self) -> None:
        """Bounces suppress too, so nobody asks what is there."""
        address = self.address()
        answer = self.client.post("/suppressions", {"address": address})
        assert answer.status in (201, 422), answer.body
        if answer.status == 201:
            self.model.suppressed[answer.json["id"]] = address.lower()

    def note(self, since: float) -> None:
        """Notes what holds now, after an action that began at some moment."""
        if self.states:
            self.states[-1].until = time.monotonic()
        may = {name: self._address(each) for name, each in self.sent.items()}
        self.states.append(State(may, since))

    def _address(self, email: Sent) -> str | None:
        if email.owner not in self.model.said:
            return None
        address = self.emails[email.owner]
        if email.topic is None:
            named = self.model.suppressed.values()
            is_bad = address is None or address.lower() in named
        else:
            given = email.owner, address, self.topics[email.topic], email.topic
            is_bad = self.model.reason(*given) is not None
        return None if is_bad or address is None else address.lower()

    def check(self, letter: Letter) -> None:
        """A letter was allowed at some moment between its judgement and its end."""
        allowed = [
            each.may.get(letter.id)
            for each in self.states
            if each.since <= letter.at and each.until >= letter.since
        ]
        assert letter.to.lower() in allowed, f"{letter.id} went to who must not get it"

    def live(self, steps: int) -> None:
        """Does random things, each of which ends before the next state is told."""
        actions: list[Callable[[], None]] = [
            *(5 * [self.mailed]),
            *(4 * [self.says]),
            *(2 * [self.clicked]),
            *(2 * [self.moved]),
            *(self.contact, self.suppressed, self.lifted),
            *(self.merged, self.parted, self.erased),
        ]
        for _ in range(steps):
            begin = time.monotonic()
            self.draws.choice(actions)()
            self.note(begin)


def _life(tenant: Tenant, owner: Client, office: PostOffice, seed: int) -> Mailed:
    topics = {topic(owner, f"{each} {seed}", requires=each): each for each in REQUIRES}
    mark = f"m{secrets.token_hex(3)}"
    made = Mailed(tenant, owner, random.Random(seed), mark, topics)
    made.office, made.sender = office, sender(owner, tenant.stack, office.port)
    dead = f"{mark}.{DEAD}@"
    office.at_address = lambda address: (
        "550 5.1.1 no such user" if address.lower().startswith(dead) else None
    )
    for _ in range(4):
        made.contact()
    made.note(time.monotonic())
    return made


@contextmanager
def _running(database_url: str, fault: str = "") -> Iterator[tuple[Client, Tenant]]:
    run = program(fault) if fault else stacks.PROGRAM
    running = stacks.running("together", database_url, MAILING, run)
    with running as stack:
        tenant = new_tenant(stack)
        with closing(tenant.client()) as client:
            yield client, tenant


def _run(owner: Client, tenant: Tenant, seed: int) -> int:
    """Lives a life, and returns how many letters came."""
    with opened() as office:
        life = _life(tenant, owner, office, seed)
        life.live(STEPS)
        for each in life.sent:
            ends(owner, each, 60)
        mine = [each for each in office.letters if each.id in life.sent]
        assert len({each.id for each in mine}) == len(mine), "one came twice"
        for letter in mine:
            life.check(letter)
        return len(mine)


def test_nothing_goes_to_who_has_not_agreed(
    migrated_database: Callable[[str], str],
) -> None:
    with _running(migrated_database("agreed")) as (owner, tenant):
        came = sum(_run(owner, tenant, each) for each in range(rounds("MAILED_LIVES")))
        assert came


@pytest.mark.canary
def test_judging_at_the_creation_alone_is_found(
    migrated_database: Callable[[str], str],
) -> None:
    """Planted: who was judged once is never judged again."""
    running = _running(migrated_database("judged"), "mail_judged_once")
    found = pytest.raises(AssertionError, match="went to who must not get it")
    with running as (owner, tenant), found:
        _run_many(owner, tenant)


def _run_many(owner: Client, tenant: Tenant) -> None:
    for seed in range(20):
        _run(owner, tenant, seed)
