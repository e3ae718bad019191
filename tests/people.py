"""The people of `tests/data` as bodies for `POST /v1/contacts`.

What the API would refuse is put right or left out here: countries become ISO
codes, and an empty text or a telephone number of another form is not sent.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"

_PHONE = re.compile(r"[0-9 +\-.()/#x]{3,32}")
_COUNTRIES = {
    "Argentina": "AR",
    "Australia": "AU",
    "Austria": "AT",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Chile": "CL",
    "China": "CN",
    "Czech Republic": "CZ",
    "Denmark": "DK",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Hungary": "HU",
    "India": "IN",
    "Ireland": "IE",
    "Italy": "IT",
    "Japan": "JP",
    "Jordan": "JO",
    "Kenya": "KE",
    "Korea": "KR",
    "Netherlands": "NL",
    "Norway": "NO",
    "Panama": "PA",
    "Philipines": "PH",
    "Poland": "PL",
    "Portugal": "PT",
    "Romania": "RO",
    "Spain": "ES",
    "Sweden": "SE",
    "USA": "US",
    "United Kingdom": "GB",
    "United States": "US",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person to load: what names them in their source, and their contact."""

    key: str
    contact: Mapping[str, Any]


def people() -> list[Person]:
    """Everyone in the data, always in the same order."""
    return [*_customers(), *_employees(), *_sales_teams(), *_accounts()]


def _customers() -> Iterator[Person]:
    agents = {row["EmployeeId"]: row for row in _rows("chinook/employees.csv")}
    for row in _rows("chinook/customers.csv"):
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
            "custom_fields": _given(fields),
        }
        yield Person(f"chinook/customer/{row['CustomerId']}", contact)


def _employees() -> Iterator[Person]:
    for row in _rows("chinook/employees.csv"):
        fields = {
            "hired_on": row["HireDate"][:10],
            "reports_to": int(row["ReportsTo"] or 0) or None,
        }
        contact = {
            **_chinook(row),
            "job_title": row["Title"],
            "lifecycle_stage": "other",
            "tags": ["staff", "Music"],
            "custom_fields": _given(fields),
        }
        yield Person(f"chinook/employee/{row['EmployeeId']}", contact)


def _chinook(row: Mapping[str, str]) -> dict[str, Any]:
    phone = row["Phone"] if _PHONE.fullmatch(row["Phone"]) else ""
    return _given(
        {
            "first_name": row["FirstName"],
            "last_name": row["LastName"],
            "email": row["Email"],
            "phone": phone,
            "address1": row["Address"],
            "city": row["City"],
            "state": row["State"],
            "postal_code": row["PostalCode"],
            "country": _COUNTRIES[row["Country"]],
            "source": "chinook",
        }
    )


def _sales_teams() -> Iterator[Person]:
    rows = list(_rows("crm-sales/sales_teams.csv"))
    offices = {row["manager"]: row["regional_office"] for row in rows}
    for name, office in sorted(offices.items()):
        yield _seller(name, "Sales Manager", office, None)
    for row in rows:
        name, office = row["sales_agent"], row["regional_office"]
        yield _seller(name, "Sales Agent", office, row["manager"])


def _seller(name: str, title: str, office: str, manager: str | None) -> Person:
    first, _, last = name.partition(" ")
    contact = {
        "first_name": first,
        "last_name": last,
        "email": f"{_slug(name)}@crm-sales.example",
        "job_title": title,
        "source": "crm-sales",
        "lifecycle_stage": "other",
        "tags": ["Staff", office],
        "custom_fields": _given({"regional_office": office, "manager": manager}),
    }
    return Person(f"crm-sales/seller/{_slug(name)}", contact)


def _accounts() -> Iterator[Person]:
    """A buyer for each account: the accounts come without people."""
    for row in _rows("crm-sales/accounts.csv"):
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
            "email": f"buyer@{_slug(row['account'])}.example",
            "job_title": "Buyer",
            "lead_score": min(100, employees // 100),
            "lifecycle_stage": "opportunity",
            "country": _COUNTRIES[row["office_location"]],
            "source": "crm-sales",
            "tags": [row["sector"]],
            "custom_fields": _given(fields),
        }
        yield Person(f"crm-sales/account/{_slug(row['account'])}", contact)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
