"""The scene of the demonstration data: its time, its tenant and its users."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal

from deploy.demo.log import Log
from services.crm.pipelines import Stage


@dataclass(frozen=True, slots=True)
class Scene:
    """A tenant and its random generator. No event is after the moment `ends_at`.

    `sales` and `renewals` are the stages of two pipelines, in order; the second may
    have none. `log` is where changes are noted.
    """

    random: Random
    ends_at: int
    sellers: Sequence[str]
    currency: str
    sales: Sequence[Stage]
    renewals: Sequence[Stage]
    log: Log


@dataclass(frozen=True, slots=True)
class Relation:
    """A contact, their employer, and the user who is responsible for them."""

    contact: Contact
    company: Company | None
    seller: str

    @property
    def account(self) -> str:
        """The name that the seller uses for them."""
        return self.contact.name if self.company is None else self.company.name

    def say(self, text: str, deal: Deal | None = None) -> str:
        """Inserts their names into a text of `words`."""
        return text.format(
            first=self.contact.first_name,
            firm="your team" if self.company is None else self.company.name,
            account=self.account,
            product="" if deal is None else deal.name.rpartition(": ")[2],
        )

    def links(self, deal: Deal | None = None) -> dict[str, Any]:
        """The links of a record about them, by field."""
        links: dict[str, Any] = {"contact_id": self.contact.id}
        if self.company is not None:
            links["company_id"] = self.company.id
        if deal is not None:
            links["deal_id"] = deal.id
        return links
