"""Labelled records: people and companies of the demonstration data, and what a fixed
recipe (`recipe.py`) makes of them. No two records are made of the same one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.demo.companies import companies
from deploy.demo.countries import plain
from deploy.demo.people import people
from services.crm.contacts import derive
from services.ids import new_id
from tests.services.duplicates.recipe import (
    COMPANY_COPIES,
    COPIES,
    LIKE_COMPANIES,
    LIKE_PEOPLE,
    PROVIDERS,
    Make,
)

ENDS_AT = 1_790_000_000_000_000


@dataclass(slots=True)
class Labelled:
    """Records, and the pairs of ids of which each is a duplicate, by how it was made.

    `alike` are the pairs that look alike and are not the same.
    """

    records: list[Any] = field(default_factory=list)
    same: dict[tuple[str, str], str] = field(default_factory=dict)
    alike: dict[tuple[str, str], str] = field(default_factory=dict)

    def make(
        self,
        draw: Random,
        unused: list[Any],
        made: Mapping[str, Make],
        each: int,
        same: bool,
    ) -> None:
        """Makes `each` further records in each way, no two of one original."""
        told = self.same if same else self.alike
        for name, make in made.items():
            count = 0
            for original in draw.sample(unused, len(unused)):
                other = type(original)()
                other.CopyFrom(original)
                other = make(draw, other)
                if other is None:
                    continue
                other.id = new_id(f"{original.id[:3]}_")
                if isinstance(other, Contact):
                    derive(other)
                self.records.append(other)
                told[pair(original.id, other.id)] = name
                unused.remove(original)
                count += 1
                if count == each:
                    break


def pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def labelled_people(count: int, each: int, seed: int = 1) -> Labelled:
    """So many people, and `each` further ones by each way of the recipe."""
    draw = Random(seed)
    firms = list(companies(max(count // 5, 1), (), ENDS_AT))
    found, taken = Labelled(), set()
    for person in people(count, (), ENDS_AT, companies=firms):
        name = person.first_name, person.last_name, person.company_id
        if name in taken:
            continue
        taken.add(name)
        person.external_ids.Clear()
        local, _, domain = person.email.partition("@")
        if domain in ("mailbox.example", "inbox.example", "post.example"):
            person.email = f"{local}{len(taken)}@{draw.choice(PROVIDERS)}"
        found.records.append(person)
    unused = list(found.records)
    found.make(draw, unused, LIKE_PEOPLE, each, same=False)
    found.make(draw, unused, COPIES, each, same=True)
    return found


def labelled_companies(count: int, each: int, seed: int = 1) -> Labelled:
    """So many companies, and `each` further ones by each way of the recipe."""
    draw, found, taken = Random(seed), Labelled(), set()
    for company in companies(count, (), ENDS_AT):
        name = plain(company.name.rpartition(" ")[0])
        if name in taken:
            continue
        taken.add(name)
        company.external_ids.Clear()
        found.records.append(company)
    unused = list(found.records)
    found.make(draw, unused, COMPANY_COPIES, each, same=True)
    found.make(draw, unused, LIKE_COMPANIES, each, same=False)
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of labelled records: right ones, wrong ones, and missed ones."""

    labelled: Labelled
    pairs: frozenset[tuple[str, str]]

    @property
    def precision(self) -> float:
        return len(self.pairs & self.labelled.same.keys()) / max(len(self.pairs), 1)

    @property
    def recall(self) -> float:
        return len(self.pairs & self.labelled.same.keys()) / len(self.labelled.same)

    def table(self) -> Iterator[tuple[str, int, int, str]]:
        """How many of each kind there are, how many were found, and what they are."""
        for told, what in (
            (self.labelled.same, "the same"),
            (self.labelled.alike, "others"),
        ):
            for name in dict.fromkeys(told.values()):
                pairs = [each for each, made in told.items() if made == name]
                found = sum(each in self.pairs for each in pairs)
                yield name, len(pairs), found, what
        known = self.labelled.same.keys() | self.labelled.alike.keys()
        yield "any other pair", 0, len(self.pairs - known), "others"
