"""The sales of `tests/data/crm-sales`: who sells, to whom, and what.

Spellings are put right here, and numbers that the source holds in millions are
written out, exactly. What the source leaves empty is not sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.loading.source_data import COUNTRIES, given, rows, slug

SOURCE = "crm-sales"
STAGES = ("Prospecting", "Engaging", "Won", "Lost")

_SPELLINGS = {"GTXPro": "GTX Pro", "technolgy": "technology"}


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who sells."""

    name: str

    @property
    def email(self) -> str:
        return f"{slug(self.name)}@{SOURCE}.example"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to whom is sold: a name, and the body of their company."""

    name: str
    company: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{SOURCE}/account/{slug(self.name)}"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """Something to sell: by whom, to whom, how far it is, and the body of its deal.

    What the others are in the API only the API knows, so the body lacks their ids.
    """

    number: str
    agent: Agent
    account: str  # empty: nobody yet
    stage: str
    deal: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{SOURCE}/opportunity/{self.number}"


def agents() -> list[Agent]:
    """Everybody who sells."""
    return [Agent(row["sales_agent"]) for row in rows("crm-sales/sales_teams.csv")]


def accounts() -> list[Account]:
    """Everybody to whom is sold."""
    return [_account(row) for row in rows("crm-sales/accounts.csv")]


def opportunities() -> list[Opportunity]:
    """Everything that was sold or may be, always in the same order."""
    products = {row["product"]: row for row in rows("crm-sales/products.csv")}
    return [
        _opportunity(row, products[_right(row["product"])])
        for row in rows("crm-sales/sales_pipeline.csv")
    ]


def _account(row: Mapping[str, str]) -> Account:
    fields = {
        "subsidiary_of": row["subsidiary_of"],
        "year_established": int(row["year_established"]),
    }
    company = {
        "name": row["account"],
        "industry": _right(row["sector"]),
        "annual_revenue": int(Decimal(row["revenue"]) * 1_000_000),
        "employee_count": int(row["employees"]),
        "country": COUNTRIES[row["office_location"]],
        "custom_fields": given(fields),
    }
    return Account(row["account"], company)


def _opportunity(row: Mapping[str, str], product: Mapping[str, str]) -> Opportunity:
    account, sold = row["account"], product["product"]
    fields = {
        "opportunity_id": row["opportunity_id"],
        "product": sold,
        "list_price": int(product["sales_price"]),
        "engaged_on": row["engage_date"],
    }
    deal = {
        "name": f"{sold} for {account}" if account else sold,
        "value": int(row["close_value"]) if row["close_value"] else None,
        "currency": "USD",
        "expected_close_date": row["close_date"],
        "source": SOURCE,
        "custom_fields": given(fields),
    }
    return Opportunity(
        number=row["opportunity_id"],
        agent=Agent(row["sales_agent"]),
        account=account,
        stage=row["deal_stage"],
        deal=given(deal),
    )


def _right(spelling: str) -> str:
    return _SPELLINGS.get(spelling, spelling)
