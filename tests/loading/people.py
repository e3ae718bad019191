"""The people of `tests/data` as bodies for `POST /v1/contacts`.

What the API would refuse is put right or left out here: countries become ISO
codes, and an empty text or a telephone number of another form is not sent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.loading.source_data import COUNTRIES, given, rows, slug

_PHONE = re.compile(r"[0-9 +\-.()/#x]{3,32}")


@dataclass(frozen=True, slots=True)
class Person:
    """A person to load: what names them in their source, and their contact."""

    key: str
    contact: Mapping[str, Any]


def people() -> list[Person]:
    """Everyone in the data, always in the same order."""
    return [*_customers(), *_employees(), *_sales_teams(), *_accounts()]


def _customers() -> Iterator[Person]:
    agents = {row["EmployeeId"]: row for row in rows("chinook/employees.csv")}
    for row in rows("chinook/customers.csv"):
        agent = agents[row["SupportRepId"]]
        fields = {
            "company": row["Company"],
            "fax": row["Fax"],
            "support_rep": f"{agent['FirstName']} {agent['LastName']}",
            "customer_number": int(row["CustomerId"]),
        }
        contact = {
            **_chinook(row),
            "lifecycle_stage": "customer",
            "tags": ["music"],
            "custom_fields": given(fields),
        }
        yield Person(f"chinook/customer/{row['CustomerId']}", contact)


def _employees() -> Iterator[Person]:
    for row in rows("chinook/employees.csv"):
        fields = {
            "hired_on": row["HireDate"][:10],
            "reports_to": int(row["ReportsTo"] or 0) or None,
        }
        contact = {
            **_chinook(row),
            "job_title": row["Title"],
            "lifecycle_stage": "other",
            "tags": ["staff", "Music"],
            "custom_fields": given(fields),
        }
        yield Person(f"chinook/employee/{row['EmployeeId']}", contact)


def _chinook(row: Mapping[str, str]) -> dict[str, Any]:
    phone = row["Phone"] if _PHONE.fullmatch(row["Phone"]) else ""
    return given(
        {
            "first_name": row["FirstName"],
            "last_name": row["LastName"],
            "email": row["Email"],
            "phone": phone,
            "address1": row["Address"],
            "city": row["City"],
            "state": row["State"],
            "postal_code": row["PostalCode"],
            "country": COUNTRIES[row["Country"]],
            "source": "chinook",
        }
    )


def _sales_teams() -> Iterator[Person]:
    sellers = list(rows("crm-sales/sales_teams.csv"))
    offices = {row["manager"]: row["regional_office"] for row in sellers}
    for name, office in sorted(offices.items()):
        yield _seller(name, "Sales Manager", office, None)
    for row in sellers:
        name, office = row["sales_agent"], row["regional_office"]
        yield _seller(name, "Sales Agent", office, row["manager"])


def _seller(name: str, title: str, office: str, manager: str | None) -> Person:
    first, _, last = name.partition(" ")
    contact = {
        "first_name": first,
        "last_name": last,
        "email": f"{slug(name)}@crm-sales.example",
        "job_title": title,
        "source": "crm-sales",
        "lifecycle_stage": "other",
        "tags": ["Staff", office],
        "custom_fields": given({"regional_office": office, "manager": manager}),
    }
    return Person(f"crm-sales/seller/{slug(name)}", contact)


def _accounts() -> Iterator[Person]:
    """A buyer for each account: the accounts come without people."""
    for row in rows("crm-sales/accounts.csv"):
        employees = int(row["employees"])
        fields = {
            "company": row["account"],
            "subsidiary_of": row["subsidiary_of"],
            "year_established": int(row["year_established"]),
            "revenue_millions": float(row["revenue"]),
            "enterprise": employees >= 5_000,
            "markets": [row["sector"], row["office_location"]],
        }
        contact = {
            "last_name": f"Buyer of {row['account']}",
            "email": f"buyer@{slug(row['account'])}.example",
            "job_title": "Buyer",
            "lead_score": min(100, employees // 100),
            "lifecycle_stage": "opportunity",
            "country": COUNTRIES[row["office_location"]],
            "source": "crm-sales",
            "tags": [row["sector"]],
            "custom_fields": given(fields),
        }
        yield Person(f"crm-sales/account/{slug(row['account'])}", contact)
