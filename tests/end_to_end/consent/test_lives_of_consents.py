"""Random lives of contacts and what they say, beside a model of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.consent.agreeing import check, say, topic
from tests.end_to_end.consent.mailed import click, mailed
from tests.end_to_end.consent.model import DENIED, GRANTED, Model, Said
from tests.end_to_end.merging.merged import merge, unmerge
from tests.rounds import rounds
from tests.world import Tenant

STEPS = 24
REQUIRES = (GRANTED, "legitimate_interest")


@dataclass(slots=True)
class Life:
    """Contacts of a tenant whose addresses are no others', with their model."""

    tenant: Tenant
    client: Client
    draws: random.Random
    mark: str
    topics: dict[str, str]
    model: Model = field(default_factory=Model)

    def address(self) -> str:
        """One of four addresses, in any case of its letters."""
        text = f"{self.mark}.{self.draws.randrange(4)}@Consent.example"
        return self.draws.choice((text, text.lower(), text.upper()))

    def contact(self) -> None:
        email = self.draws.choice((None, self.address(), self.address()))
        body = {"email": email, "phone": "+49 30 1234567"}
        self.model.said[self.client.create("/contacts", body)["id"]] = []

    def someone(self) -> str:
        return self.draws.choice(sorted(self.model.said))

    def says(self) -> None:
        contact, about = self.someone(), self.draws.choice(sorted(self.topics))
        status = self.draws.choice((GRANTED, DENIED))
        say(self.client, contact, about, status)
        self.model.say(contact, Said(about, status))

    def clicked(self) -> None:
        """The link of a mail to an address that its contact may have no more."""
        contact, about = self.someone(), self.draws.choice(sorted(self.topics))
        address = self.address()
        path = mailed(self.tenant, contact, about, address)
        assert click(self.client, path).status == 200
        for each in sorted(self.model.said):
            is_meant = each == contact or (self.email(each) or "").lower() == (
                address.lower()
            )
            if is_meant and self.model.newest(each, about) != DENIED:
                self.model.say(each, Said(about, DENIED))

    def suppressed(self) -> None:
        address = self.address()
        answer = self.client.post("/suppressions", {"address": address})
        shown = [self.shown(each) for each in self.model.suppressed]
        is_there = address.lower() in shown
        assert answer.status == (422 if is_there else 201), answer.body
        if not is_there:
            self.model.suppressed[answer.json["id"]] = address.lower()

    def shown(self, suppression: str) -> str:
        """The address of a suppression as it is shown."""
        answer = self.client.get(f"/suppressions/{suppression}")
        return str(answer.json["address"]).lower()

    def lifted(self) -> None:
        if self.model.suppressed:
            gone = self.draws.choice(sorted(self.model.suppressed))
            assert self.client.delete(f"/suppressions/{gone}").status == 204
            del self.model.suppressed[gone]

    def merged(self) -> None:
        living = sorted(self.model.said)
        if len(living) > 1:
            some = self.draws.randint(2, min(3, len(living)))
            survivor, *others = self.draws.sample(living, some)
            made = merge(self.client, survivor, *others)
            self.model.merge(made["merge_id"], survivor, others)

    def parted(self) -> None:
        open_ = [m for m, its in self.model.merges.items() if its[0] in self.model.said]
        if open_:
            undone = self.draws.choice(sorted(open_))
            unmerge(self.client, self.model.merges[undone][0], undone)
            self.model.unmerge(undone)

    def erased(self) -> None:
        contact = self.someone()
        email = self.email(contact)
        path = f"/contacts/{contact}/erase"
        answer = self.client.post(path, {"reason": "A request"})
        assert answer.status == 200, answer.body
        count = answer.json["destroyed"]["consents"]
        assert count >= len(self.model.said.pop(contact))
        shown = [self.shown(each) for each in self.model.suppressed]
        assert email is None or email.lower() not in shown

    def email(self, contact: str) -> str | None:
        given: str | None = self.client.get(f"/contacts/{contact}").json["email"]
        return given

    def agrees(self) -> None:
        """The checks of all contacts are those of the model."""
        if not (living := sorted(self.model.said)):
            return
        emails = {each: self.email(each) for each in living}
        for about, requires in self.topics.items():
            expected = [
                self.model.reason(each, emails[each], requires, about)
                for each in living
            ]
            told = check(self.client, about, living)
            assert [each["contact_id"] for each in told] == living
            assert [each["reason"] for each in told] == expected
            for each in told:
                address = (emails[each["contact_id"]] or "").lower()
                named = each["suppression_id"]
                assert (named is None) == (each["reason"] != "suppressed")
                assert named is None or self.model.suppressed[named] == address


def _life(tenant: Tenant, client: Client, seed: int) -> Life:
    names = {each: f"{each} {seed}" for each in REQUIRES}
    topics = {topic(client, name, requires=each): each for each, name in names.items()}
    return Life(tenant, client, random.Random(seed), f"ada{seed}", topics)


@pytest.mark.parametrize("seed", range(rounds("CONSENT_LIVES")))
def test_a_life_is_as_its_model(tenant: Tenant, owner: Client, seed: int) -> None:
    life = _life(tenant, owner, seed)
    for _ in range(4):
        life.contact()
    steps: list[tuple[int, Callable[[], Any]]] = [
        (2, life.contact),
        (10, life.says),
        (4, life.clicked),
        (3, life.suppressed),
        (2, life.lifted),
        (4, life.merged),
        (3, life.parted),
        (1, life.erased),
    ]
    weights, ways = zip(*steps, strict=True)
    for _ in range(STEPS):
        if not life.model.said:
            life.contact()
        (way,) = life.draws.choices(ways, weights)
        way()
        life.agrees()


@pytest.mark.canary
def test_a_merge_that_is_not_strict_would_be_noticed(
    tenant: Tenant, owner: Client
) -> None:
    """Planted: a model by which the newest counts alone, whoever said it."""
    life = _life(tenant, owner, 1_000)
    about = next(iter(life.topics))
    for _ in range(2):
        body = {"email": life.address()}
        life.model.said[owner.create("/contacts", body)["id"]] = []
    one, two = sorted(life.model.said)
    for contact, status in ((one, DENIED), (two, GRANTED)):
        say(owner, contact, about, status)
        life.model.say(contact, Said(about, status))
    made = merge(owner, one, two)
    life.model.merge(made["merge_id"], one, [two])
    life.agrees()
    life.model.said[one] = [each for each in life.model.said[one] if not each.by]
    with pytest.raises(AssertionError):
        life.agrees()
