"""Files as other products write them, imported as they are."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.imports.sending import imported, rows_of, table

DATA = Path(__file__).parents[2] / "data"
OTHERS = DATA / "exports_of_others"
# The columns that give nothing without a mapping.
LET_GO = {
    "hubspot": {"Record ID", "Contact owner", "Lead Status"},
    "salesforce": {"Id"},
    "pipedrive": {"Person - ID"},
}
IDS = {"hubspot": "Record ID", "salesforce": "Id", "pipedrive": "Person - ID"}


def content(name: str) -> bytes:
    return (OTHERS / f"{name}.csv").read_bytes()


def sent(name: str) -> list[dict[str, str]]:
    with (OTHERS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", LET_GO)
def test_contacts_of_another_product_need_no_mapping(owner: Client, name: str) -> None:
    found = imported(owner, content(name), create_missing=True)
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
    found = imported(owner, customers, create_missing=True)
    assert (found["created"], found["failed"]) == (59, 0)
    let_go = {"CustomerId", "Fax", "SupportRepId"}
    assert set(found["result"]["unmapped"]) == let_go
    with (DATA / "chinook" / "customers.csv").open(newline="") as file:
        named = {each["Country"] for each in csv.DictReader(file)}
    codes = {each["country"] for each in owner.pages("/contacts", limit=100)}
    assert {"BR", "CZ", "DE", "GB", "US"} <= codes
    assert len(codes) == len(named)
    mapping = found["result"]["mapping"] | {"CustomerId": "external_ids.chinook"}
    found = imported(owner, customers, mapping=mapping, create_missing=True)
    assert (found["created"], found["failed"]) == (59, 0)


def _deals(client: Client, found: Any) -> list[Any]:
    rows = rows_of(client, found["id"])
    assert found["failed"] == 0, rows
    return [client.get(f"/deals/{each['id']}").json for each in rows]


def test_opportunities_of_salesforce_keep_currency_and_day(owner: Client) -> None:
    columns = "Name,StageName,Amount,CurrencyIsoCode,CloseDate,CreatedDate,AccountId"
    rows = (
        "One,Won,10,EUR,2024-06-15,2024-01-05T09:00:00.000Z,0015",
        "Two,New,10,eur,2027-06-15,2024-01-05T09:00:00.000Z,0015",
    )
    one, two = _deals(owner, imported(owner, table(columns, *rows), resource="deals"))
    assert one["currency"] == two["currency"] == "EUR"
    assert one["closed_at"].startswith("2024-06-15")
    assert (two["expected_close_date"], two["closed_at"]) == ("2027-06-15", None)
    report = table(
        "Opportunity Name,Account Name,Stage,Amount Currency,Amount,Close Date",
        "Three,Edge,Won,GBP,10,2024-06-15",
    )
    found = imported(owner, report, resource="deals", create_missing=True)
    (three,) = _deals(owner, found)
    assert (three["currency"], three["value"]) == ("GBP", 10)
    assert owner.get(f"/companies/{three['company_id']}").json["name"] == "Edge"


def test_deals_of_pipedrive_keep_their_status_and_its_day(owner: Client) -> None:
    columns = (
        "Deal - ID,Deal - Title,Deal - Organization,Deal - Value"
        ",Deal - Currency of Value,Deal - Stage,Deal - Status,Deal - Won time"
        ",Deal - Lost time,Deal - Lost reason"
    )
    rows = (
        "1,One,Moveex,10,EUR,Proposal,Won,2024-06-15 17:00:00,,",
        "2,Two,Moveex,10,EUR,New,Lost,,2024-07-15 17:00:00,Price",
        "3,Three,,10,EUR,Proposal,Open,,,",
        "4,Four,,10,EUR,Lost,Won,,,",
        "5,Five,,10,EUR,New,Won,2024-06-15 17:00:00,2024-07-15 17:00:00,",
        "6,Six,,10,EUR,New,Won,,,",
    )
    its = {"resource": "deals", "create_missing": True}
    found = imported(owner, table(columns, *rows), **its)
    assert found["result"]["closed_without_date"] == 1
    assert found["result"]["unmapped"] == ["Deal - ID"]
    made = rows_of(owner, found["id"])
    faults = {
        n: [each["field"] for each in row["problem"]["errors"]]
        for n, row in enumerate(made, 1)
        if row["problem"]
    }
    assert faults == {4: ["status"], 5: ["closed_at"]}
    deals = [owner.get(f"/deals/{e['id']}").json for e in made if e["id"]]
    assert [each["status"] for each in deals] == ["won", "lost", "open", "won"]
    assert {each["currency"] for each in deals} == {"EUR"}
    won, lost, *_ = deals
    assert (won["name"], lost["lost_reason"]) == ("One", "Price")
    assert won["closed_at"] == "2024-06-15T17:00:00Z"
    assert lost["closed_at"] == "2024-07-15T17:00:00Z"
    assert won["company_id"] == lost["company_id"] is not None
    given = {"Deal - Won time": "closed_at", "Deal - Lost time": "closed_at"}
    its["mapping"] = found["result"]["mapping"] | given
    assert imported(owner, table(columns, *rows), **its)["created"] == 4


def test_a_day_is_read_of_a_moment_of_hubspot(owner: Client) -> None:
    columns = "Deal Name,Deal Stage,Amount,Currency,Close Date,Closed Lost Reason"
    row = "One,Lost,10,EUR,2024-06-15 17:00,Price"
    (one,) = _deals(owner, imported(owner, table(columns, row), resource="deals"))
    assert one["expected_close_date"] == "2024-06-15"
    assert one["closed_at"] == "2024-06-15T17:00:00Z"
    assert one["lost_reason"] == "Price"


def test_accounts_and_people_keep_addresses_names_and_stages(owner: Client) -> None:
    accounts = table(
        "Account Name,Website URL,NumberOfEmployees,AnnualRevenue,BillingStreet"
        ",BillingCity,BillingPostalCode,BillingCountryCode,Billing Email",
        "Edge,https://edge.example,12,5000,1 Main,Austin,78767,US,x@edge.example",
    )
    found = imported(owner, accounts, resource="companies")
    assert found["result"]["unmapped"] == ["Billing Email"]
    (row,) = rows_of(owner, found["id"])
    edge = owner.get(f"/companies/{row['id']}").json
    assert (edge["name"], edge["employee_count"]) == ("Edge", 12)
    assert (edge["address1"], edge["city"], edge["country"]) == (
        "1 Main",
        "Austin",
        "US",
    )
    people = table(
        "Name,Email,Company name,MailingCity,MailingCountryCode,Lifecycle Stage",
        "Ada King Lovelace,ada@edge.example,Edge,York,GB,Marketing Qualified Lead",
        '"Hopper, Grace",grace@edge.example,Edge,York,GB,salesqualifiedlead',
        "Prince,prince@edge.example,Edge,York,GB,Evangelist",
    )
    found = imported(owner, people)
    made = [owner.get(f"/contacts/{e['id']}").json for e in rows_of(owner, found["id"])]
    assert [(each["first_name"], each["last_name"]) for each in made] == [
        ("Ada King", "Lovelace"),
        ("Grace", "Hopper"),
        ("Prince", None),
    ]
    stages = [each["lifecycle_stage"] for each in made]
    assert stages == ["qualified", "qualified", "other"]
    assert {each["company_id"] for each in made} == {edge["id"]}
    assert {(each["city"], each["country"]) for each in made} == {("York", "GB")}


def test_deals_sent_back_keep_their_stage(owner: Client) -> None:
    columns = "id,name,stage_id,pipeline_id,status,value"
    made = [owner.create("/deals", {"name": each}) for each in "ab"]
    names = [each.split(",") for each in columns.split()]
    rows = [
        ",".join(str(one.get(name) or "") for name in names[0]) + "12" for one in made
    ]
    its = {"resource": "deals", "mode": "update", "match_on": "id"}
    for became in ("updated", "unchanged"):
        found = imported(owner, table(columns, *rows), **its)
        assert found[became] == 2, rows_of(owner, found["id"])
    assert owner.get(f"/deals/{made[0]['id']}").json["value"] == 12
    moved = table("id,Stage,value", f"{made[0]['id']},Won,13")
    found = imported(owner, moved, **its)
    (row,) = rows_of(owner, found["id"])
    (fault,) = [e for e in row["problem"]["errors"] if e["field"] == "stage.name"]
    assert "/stage" in fault["message"]
    missing = table("id,Stage,value", "deal_6b08b766ad88a2ed46eedc5a,New,13")
    (row,) = rows_of(owner, imported(owner, missing, **its)["id"])
    assert row["status"] == "failed"


def test_what_another_country_writes_is_told_the_locale(owner: Client) -> None:
    columns = "Deal Name;Amount;Expected close date;Created"
    content = table(columns, "One;1.234,50;31.12.2026;31.12.2025 10:00")
    (row,) = rows_of(owner, imported(owner, content, resource="deals")["id"])
    told = {each["field"]: each["message"] for each in row["problem"]["errors"]}
    assert set(told) == {"value", "expected_close_date", "created_at"}
    assert all("locale" in each for each in told.values()), told
    found = imported(owner, content, resource="deals", locale="de-DE")
    assert found["created"] == 1
