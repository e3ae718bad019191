"""Rows name what people know by name: stages, companies, countries, options."""

from typing import Any

from services.iam import tenants
from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.imports.sending import imported, rows_of, statuses, table
from tests.world import Tenant, administer

Json = dict[str, Any]


def add_user(tenant: Tenant, email: str, name: str) -> str:
    """Adds a user with a name, and returns the id."""

    async def make(database: Database) -> str:
        its = database, tenant.name, email, "member"
        return await tenants.create_user(*its, name=name)

    return administer(tenant.stack.database_url, make)


def _faults(client: Client, found: Json) -> list[Any]:
    rows = rows_of(client, found["id"])
    return [
        [(e["field"], e["message"]) for e in (row["problem"] or {}).get("errors", [])]
        for row in rows
    ]


def _records(client: Client, found: Json, path: str) -> list[Json]:
    ids = [each["id"] for each in rows_of(client, found["id"]) if each["id"]]
    return [client.get(f"{path}/{each}").json for each in ids]


def test_deals_name_their_stage_and_company(owner: Client) -> None:
    made = [owner.create("/companies", {"name": n})["id"] for n in ("Acme", "B", "b")]
    found = imported(
        owner,
        table(
            "Deal Name,Stage,Pipeline,company.name",
            "One,won,,acme",
            "Two, Negotiation ,sales,",
            "Three,Engaged,,",
            "Four,New,Other,",
            "Five,New,,b",
            "Six,New,,Nobody",
        ),
        resource="deals",
    )
    missing = "No company has this name. With create_missing it is created."
    assert _faults(owner, found)[2:] == [
        [("stage.name", "No stage has this name.")],
        [("pipeline.name", "No pipeline has this name.")],
        [("company.name", "Several have this name.")],
        [("company.name", missing)],
    ]
    one, two = _records(owner, found, "/deals")
    assert (one["status"], one["company_id"]) == ("won", made[0])
    stages = {
        each["id"]: each["name"]
        for pipeline in owner.pages("/pipelines")
        for each in pipeline["stages"]
    }
    assert stages[two["stage_id"]] == "Negotiation"


def test_companies_that_are_missing_are_made_by_their_names(owner: Client) -> None:
    rows = "ana@u.example,Uno", "bo@u.example,UNO", "cy@u.example,"
    content = table("email,company.name", *rows)
    found = imported(owner, content, create_missing=True)
    assert found["created"] == 3, _faults(owner, found)
    ana, bo, cy = _records(owner, found, "/contacts")
    assert ana["company_id"] == bo["company_id"] != cy["company_id"] is None
    assert owner.get(f"/companies/{ana['company_id']}").json["name"] == "Uno"


def test_countries_and_options_are_read_by_their_names(owner: Client) -> None:
    field = {
        "object": "contacts",
        "key": "plan",
        "label": "Plan",
        "type": "select",
        "options": [
            {"value": "gold", "label": "Gold Plan"},
            {"value": "free", "label": "Free"},
        ],
    }
    assert owner.post("/fields", field).status == 201
    found = imported(
        owner,
        table(
            "email,country,Plan",
            "a@v.example,Germany,Gold plan",
            "b@v.example,österreich,free",
            "c@v.example,usa,",
            "d@v.example,us,Silver",
            "e@v.example,Neverland,",
        ),
    )
    assert (found["created"], found["failed"]) == (3, 2), _faults(owner, found)
    told = _records(owner, found, "/contacts")
    assert [each["country"] for each in told] == ["DE", "AT", "US"]
    assert told[0]["custom_fields"] == {"plan": "gold"}
    assert [each[0][0] for each in _faults(owner, found)[3:]] == [
        "custom_fields.plan",
        "country",
    ]


def test_one_column_gives_several_fields(owner: Client) -> None:
    mapping = {"Mail": ["email", "external_ids.crm"], "Note": None}
    found = imported(owner, table("Mail,Note", "a@w.example,x"), mapping=mapping)
    (made,) = _records(owner, found, "/contacts")
    assert (made["email"], made["external_ids"]) == (
        "a@w.example",
        {"crm": "a@w.example"},
    )
    assert (found["result"]["mapping"], found["result"]["unmapped"]) == (
        {"Mail": mapping["Mail"]},
        ["Note"],
    )
    for wrong in (["email", "email"], ["email", 1], ["x"] * 6, {"a": "b"}):
        body = {"resource": "contacts", "mode": "create", "format": "csv"}
        answer = owner.post("/imports", {**body, "mapping": {"Mail": wrong}})
        assert answer.status == 422, wrong


def test_the_day_of_other_products_says_when_a_deal_closes_or_closed(
    owner: Client,
) -> None:
    rows = "A,Won,2024-01-01,2024-02-03", "B,New,2024-01-01,2031-02-03"
    content = table("Deal Name,Deal Stage,Create Date,Close Date", *rows)
    found = imported(owner, content, resource="deals")
    assert found["created"] == 2, _faults(owner, found)
    won, still = _records(owner, found, "/deals")
    assert (won["closed_at"], won["expected_close_date"]) == (
        "2024-02-03T00:00:00Z",
        "2024-02-03",
    )
    assert (still["closed_at"], still["expected_close_date"]) == (None, "2031-02-03")


def test_owners_are_named_by_their_names(tenant: Tenant, owner: Client) -> None:
    same = "Twin Twinson"
    add_user(tenant, "twin@names.example", same)
    add_user(tenant, "twin2@names.example", same)
    another = add_user(tenant, "only@names.example", "Only Übername")
    content = table(
        "email,owner.name",
        "a@n.example,only übername",
        f"b@n.example,{same.upper()}",
        "c@n.example,Nobody",
        "d@n.example,",
    )
    found = imported(owner, content)
    assert statuses(rows_of(owner, found["id"])) == [
        *("created", "failed", "failed", "created"),
    ]
    assert _faults(owner, found)[1:3] == [
        [("owner.name", "Several have this name.")],
        [("owner.name", "No user has this name.")],
    ]
    first, _ = _records(owner, found, "/contacts")
    assert first["owner_id"] == another
