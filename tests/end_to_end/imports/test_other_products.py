"""Files as other products write them, imported as they are."""

import csv
from pathlib import Path

import pytest

from tests.client import Client
from tests.end_to_end.imports.sending import imported, rows_of

DATA = Path(__file__).parents[2] / "data"
OTHERS = DATA / "exports_of_others"
# The columns that give nothing without a mapping.
LET_GO = {
    "hubspot": {"Record ID", "Contact owner", "Lead Status"},
    "salesforce": {"Id"},
    "pipedrive": {"Person - ID", "Person - Organization"},
}
IDS = {"hubspot": "Record ID", "salesforce": "Id", "pipedrive": "Person - ID"}


def content(name: str) -> bytes:
    return (OTHERS / f"{name}.csv").read_bytes()


def sent(name: str) -> list[dict[str, str]]:
    with (OTHERS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", LET_GO)
def test_contacts_of_another_product_need_no_mapping(owner: Client, name: str) -> None:
    found = imported(owner, content(name))
    rows = rows_of(owner, found["id"])
    assert (found["created"], found["failed"]) == (2, 0), rows
    assert set(found["result"]["unmapped"]) == LET_GO[name]
    first = owner.get(f"/contacts/{rows[0]['id']}").json
    cells = set(sent(name)[0].values())
    for field in ("first_name", "last_name", "email", "phone", "job_title"):
        assert first[field] in cells, field


@pytest.mark.parametrize("name", LET_GO)
def test_a_mapping_keeps_the_ids_of_the_other_product(owner: Client, name: str) -> None:
    path = f"external_ids.{name}"
    mapping = dict.fromkeys(sent(name)[0], "") | {IDS[name]: path}
    mapping[next(each for each in mapping if "Email" in each)] = "email"
    more = {"mode": "upsert", "match_on": path, "mapping": mapping}
    for became in ("created", "unchanged"):
        found = imported(owner, content(name), **more)
        assert found[became] == 2, rows_of(owner, found["id"])


def test_real_customers_of_many_countries_are_imported(owner: Client) -> None:
    customers = (DATA / "chinook" / "customers.csv").read_bytes()
    found = imported(owner, customers)
    assert (found["created"], found["failed"]) == (59, 0)
    let_go = {"CustomerId", "Company", "Fax", "SupportRepId"}
    assert set(found["result"]["unmapped"]) == let_go
    with (DATA / "chinook" / "customers.csv").open(newline="") as file:
        named = {each["Country"] for each in csv.DictReader(file)}
    codes = {each["country"] for each in owner.pages("/contacts", limit=100)}
    assert {"BR", "CZ", "DE", "GB", "US"} <= codes
    assert len(codes) == len(named)
    mapping = found["result"]["mapping"] | {"CustomerId": "external_ids.chinook"}
    mapping["Company"] = "company.name"
    found = imported(owner, customers, mapping=mapping, create_missing=True)
    assert (found["created"], found["failed"]) == (59, 0)
