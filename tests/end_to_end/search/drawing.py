"""Draws what records of every type have in common, at random."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from tests.client import Client
from tests.promises.record_values import new_id
from tests.promises.search_words import EVERY_WORD
from tests.world import Tenant

_PLANS: tuple[Any, ...] = (
    None,
    "Gold",
    "GOLD",
    "100%",
    "",
    "7",
    7,
    7.5,
    True,
    False,
    [],
    ["Gold", "é"],
)

SYSTEMS = ("erp", "legacy")


@dataclass(frozen=True, slots=True)
class Filling:
    """Makes records with values drawn at random."""

    owner: Client
    member: Client
    tenant: Tenant
    random: Random

    def text(self, most: int = 60) -> str:
        words = self.random.sample(EVERY_WORD, self.random.randint(1, 3))
        return " ".join(words)[:most]

    def maybe(self, make: Callable[[], Any]) -> Any:
        return None if self.random.random() < 0.3 else make()

    def user(self) -> str | None:
        users = self.tenant.users
        return self.random.choice((users["owner"], users["member"], None))

    def tags(self) -> list[str]:
        given = [self.text(30).strip() for _ in range(self.random.randint(0, 3))]
        return [each for each in given if each]

    def place(self) -> dict[str, Any]:
        names = ("address1", "city", "state", "postal_code")
        country = self.random.choice(("BR", "DE", None))
        return {
            **{name: self.maybe(lambda: self.text(20)) for name in names},
            "country": country,
        }

    def owned(self) -> dict[str, Any]:
        custom = {"plan": self.random.choice(_PLANS), "word": self.text()}
        return {
            "owner_id": self.user(),
            "tags": self.tags(),
            "custom_fields": custom,
            "external_ids": self.external_ids(),
        }

    def external_ids(self) -> dict[str, str]:
        """Ids in some systems, made of all kinds of words."""
        return {
            system: f"{self.random.choice(EVERY_WORD)} {new_id()}"[:255]
            for system in SYSTEMS
            if self.random.random() < 0.5
        }

    def links(self, links: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
        """Some links, and one at least."""
        made = {
            name: self.maybe(partial(self.random.choice, ids))
            for name, ids in links.items()
        }
        if not any(made.values()):
            made["company_id"] = self.random.choice(links["company_id"])
        return made
