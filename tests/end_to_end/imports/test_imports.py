"""A file becomes records; what is wrong with a row is corrected and sent again."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.imports.sending import (
    NDJSON,
    begun,
    ended,
    errors_of,
    imported,
    lines,
    put,
    rows_of,
    statuses,
    table,
)
from tests.harness.promptly import within


def test_the_rows_of_a_table_become_records(owner: Client) -> None:
    found = imported(
        owner,
        table(
            "First Name,E-Mail,tags,lead_score,external_ids.sap,custom_fields.plan,X",
            "Ana,ana@i.example,a|b,7,1,gold,44",
            '"Bo ""B""",bo@i.example,,,2,,',
        ),
    )
    assert (found["state"], found["created"], found["failed"]) == ("succeeded", 2, 0)
    assert found["result"]["unmapped"] == ["X"]
    assert found["result"]["mapping"]["E-Mail"] == "email"
    rows = rows_of(owner, found["id"])
    assert [(each["row"], each["status"]) for each in rows] == [
        (1, "created"),
        (2, "created"),
    ]
    ana, bo = (owner.get(f"/contacts/{each['id']}").json for each in rows)
    assert (ana["first_name"], ana["tags"], ana["lead_score"]) == ("Ana", ["a", "b"], 7)
    assert ana["external_ids"] == {"sap": "1"}
    assert ana["custom_fields"] == {"plan": "gold"}
    assert (bo["first_name"], bo["tags"]) == ('Bo "B"', [])
    assert owner.get(f"/jobs/{found['job_id']}").json["progress"] == {
        "total": 2,
        "done": 2,
        "failed": 0,
    }


def test_rejected_rows_are_corrected_and_sent_again(owner: Client) -> None:
    content = table(
        "email;first_name",
        "ada@j.example;Ada",
        "nobody;Bad",
        "too;many;cells",
        "eve@j.example;Eve",
    )
    found = imported(owner, content)
    assert (found["created"], found["failed"]) == (2, 2)
    sent = errors_of(owner, found["id"]).decode()
    header, *rows = sent.splitlines()
    assert header == "_problem;email;first_name"
    assert [each.split(";")[1:] for each in rows] == [
        ["nobody", "Bad"],
        ["too", "many", "cells"],
    ]
    assert "email: " in rows[0]
    assert "3 cells" in rows[1]
    corrected = sent.replace("nobody", "bea@j.example").replace(";cells", "")
    corrected = corrected.replace("too;many", "cy@j.example;Cy")
    again = imported(owner, corrected.encode())
    assert (again["created"], again["failed"]) == (2, 0)
    assert again["result"]["unmapped"] == ["_problem"]
    names = [each["first_name"] for each in owner.pages("/contacts")]
    assert sorted(names) == ["Ada", "Bad", "Cy", "Eve"]


def test_a_dry_run_shows_the_mapping_and_writes_nothing(owner: Client) -> None:
    rows = (f"p{number}@k.example,{number},x" for number in range(40))
    content = table("email,lead score,junk", *rows)
    found = imported(owner, content, dry_run=True, locale="de-DE")
    assert found["state"] == "succeeded"
    result = found["result"]
    assert result["mapping"] == {"email": "email", "lead score": "lead_score"}
    assert result["unmapped"] == ["junk"]
    assert [each["row"] for each in result["rows"]] == list(range(1, 11))
    assert result["rows"][3]["values"] == {"email": "p3@k.example", "lead_score": 3}
    assert result["rows"][3]["problem"] is None
    assert owner.search("/contacts")["data"] == []
    assert {each["id"] for each in rows_of(owner, found["id"])} == {None}


def test_rows_change_what_is_there_or_create_it(owner: Client) -> None:
    header = "external_ids.sap,email,city"
    first = table(header, "1,a@l.example,Rome", "2,b@l.example,Oslo")
    more = {"mode": "upsert", "match_on": "external_ids.sap"}
    assert imported(owner, first, **more)["created"] == 2
    second = table(header, "1,a@l.example,Rome", "2,b@l.example,Bonn", "3,c@l.example,")
    found = imported(owner, second, **more)
    counts = {n: found[n] for n in ("created", "updated", "unchanged", "failed")}
    assert counts == {"created": 1, "updated": 1, "unchanged": 1, "failed": 0}
    # The same record twice in one file: the later row finds it changed.
    third = table(header, "4,d@l.example,", "4,d@l.example,Kiel", "4,d@l.example,Kiel")
    found = imported(owner, third, **more)
    rows = rows_of(owner, found["id"])
    assert statuses(rows) == ["created", "updated", "unchanged"]
    assert len({each["id"] for each in rows}) == 1


def test_rows_update_and_delete_what_they_match(owner: Client) -> None:
    ids = [
        owner.create("/contacts", {"email": f"{n}@m.example", "city": "Rome"})["id"]
        for n in "abc"
    ]
    header = "email,city"
    changed = table(header, "a@m.example,Oslo", "B@m.example,", "x@m.example,Oslo")
    found = imported(owner, changed, mode="update", match_on="email")
    rows = rows_of(owner, found["id"])
    assert statuses(rows) == ["updated", "updated", "failed"]
    assert rows[2]["problem"]["status"] == 404
    cities = [owner.get(f"/contacts/{each}").json["city"] for each in ids]
    assert cities == ["Oslo", "Rome", "Rome"]
    cleared = imported(
        owner,
        table(header, "a@m.example,"),
        mode="update",
        match_on="email",
        empty="clear",
    )
    assert cleared["updated"] == 1
    assert owner.get(f"/contacts/{ids[0]}").json["city"] is None
    gone = table("id", ids[0], ids[1], "con_none", "")
    found = imported(owner, gone, mode="delete", match_on="id")
    rows = rows_of(owner, found["id"])
    assert statuses(rows) == ["deleted", "deleted", "failed"]
    assert [each["id"] for each in owner.pages("/contacts")] == [ids[2]]


def test_a_column_names_the_company_by_its_domain(owner: Client) -> None:
    there = owner.create("/companies", {"name": "Acme", "domain": "acme.example"})
    content = table(
        "email,company.domain",
        "a@n.example,ACME.example",
        "b@n.example,new.example",
        "c@n.example,new.example",
    )
    found = imported(owner, content)
    rows = rows_of(owner, found["id"])
    assert statuses(rows) == ["created", "failed", "failed"]
    assert rows[1]["problem"]["errors"][0]["field"] == "company.domain"
    assert owner.get(f"/contacts/{rows[0]['id']}").json["company_id"] == there["id"]
    found = imported(
        owner,
        table("email,company.domain", "b@n.example,new.example"),
        create_missing=True,
    )
    (row,) = rows_of(owner, found["id"])
    made = owner.get(f"/contacts/{row['id']}").json["company_id"]
    assert owner.get(f"/companies/{made}").json["domain"] == "new.example"


def test_rows_link_to_earlier_records_by_external_ids(owner: Client) -> None:
    companies = table("name,external_ids.sap", "Acme,c1", "Bolt,c2")
    imported(owner, companies, resource="companies")
    content = table(
        "email,company.external_ids.sap", "a@o.example,c2", "b@o.example,c9"
    )
    found = imported(owner, content)
    rows = rows_of(owner, found["id"])
    assert statuses(rows) == ["created", "failed"]
    company = owner.get(f"/contacts/{rows[0]['id']}").json["company_id"]
    assert owner.get(f"/companies/{company}").json["name"] == "Bolt"


def test_with_stop_nothing_after_the_first_bad_row_is_written(owner: Client) -> None:
    good = [f"p{number}@p.example" for number in range(30)]
    content = table("email", *good[:20], "bad", *good[20:])
    found = imported(owner, content, on_error="stop")
    assert found["state"] == "failed"
    assert found["problem"]["detail"] == "Row 21 was rejected: see its problem."
    assert (found["created"], found["failed"], found["rows"]) == (20, 1, 21)
    emails = {each["email"] for each in owner.pages("/contacts")}
    assert emails == set(good[:20])


def test_defaults_stand_where_rows_give_nothing(owner: Client) -> None:
    defaults = {"source": "fair", "custom_fields.plan": "free", "tags": ["new"]}
    content = table(
        "email,source,custom_fields.plan", "a@q.example,,", "b@q.example,x,y"
    )
    found = imported(owner, content, defaults=defaults)
    first, second = (
        owner.get(f"/contacts/{each['id']}").json
        for each in rows_of(owner, found["id"])
    )
    assert (first["source"], first["custom_fields"]) == ("fair", {"plan": "free"})
    assert (second["source"], second["custom_fields"]) == ("x", {"plan": "y"})
    assert first["tags"] == second["tags"] == ["new"]


def test_ndjson_is_read_as_bodies_are(owner: Client) -> None:
    content = lines([{"email": "a@r.example"}, {"email": "b@r.example", "shoe": 1}, []])
    content += b"{broken\n\n" + lines([{"_problem": "x", "email": "c@r.example"}])
    found = imported(owner, content, format=NDJSON)
    rows = rows_of(owner, found["id"])
    assert statuses(rows) == ["created", "failed", "failed", "failed", "created"]
    assert rows[1]["problem"]["errors"][0]["code"] == "unknown_field"
    assert rows[3]["problem"]["status"] == 400
    sent = errors_of(owner, found["id"]).splitlines()
    assert sent[0].startswith(b'{"_problem":"shoe: ')
    assert sent[2] == b"{broken"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"resource": "people"}, "resource", "invalid_choice"),
        ({"mode": "upsert", "resource": "companies"}, "match_on", "required"),
        ({"mode": "update"}, "match_on", "required"),
        ({"mode": "update", "match_on": "city"}, "match_on", "invalid_choice"),
        ({"match_on": "email"}, "match_on", "invalid"),
        ({"mapping": {"A": "shoe"}}, "mapping.A", "unknown_field"),
        ({"mapping": {"A": "name"}}, "mapping.A", "unknown_field"),
        ({"mapping": {"A": "company.shoe"}}, "mapping.A", "unknown_field"),
        ({"mapping": {"A": ["email", "email"]}}, "mapping.A", "not_unique"),
        ({"mapping": {"A": 3}}, "mapping.A", "invalid_type"),
        ({"mapping": {"A": "email"}, "format": NDJSON}, "mapping", "invalid"),
        ({"defaults": {"shoe": 1}}, "defaults.shoe", "unknown_field"),
        ({"mapping": {"A\0": "email"}}, "mapping.A\ufffd", "invalid"),
        ({"defaults": {"source": "a\0"}}, "defaults.source", "invalid"),
        ({"defaults": {"tags": ["a\0"]}}, "defaults.tags", "invalid"),
        ({"locale": "xx-XX"}, "locale", "invalid_choice"),
        ({"charset": "rot13"}, "charset", "invalid_choice"),
        ({"charset": "utf-7"}, "charset", "invalid_choice"),
    ],
)
def test_an_import_that_cannot_be_is_refused(
    owner: Client, body: dict[str, Any], field: str, code: str
) -> None:
    usual = {"resource": "contacts", "mode": "create", "format": "csv"}
    answer = owner.post("/imports", usual | body)
    assert answer.status == 422, answer.body
    assert answer.codes == {field: code}


def test_numbers_and_dates_are_read_in_the_locale(owner: Client) -> None:
    pipeline = owner.search("/pipelines")["data"]
    content = table(
        "name;value;currency;expected_close_date",
        "A;1.234.567,89;EUR;31.12.2026",
        "B;12,5;EUR;2026-12-31",
        "C;12.5;EUR;1.2.2026",
    )
    found = imported(owner, content, resource="deals", locale="de-DE")
    rows = rows_of(owner, found["id"])
    assert pipeline
    assert statuses(rows) == ["created", "created", "failed"]
    deals = [owner.get(f"/deals/{each['id']}") for each in rows[:2]]
    assert b'"value":1234567.89' in deals[0].body
    assert deals[0].json["expected_close_date"] == "2026-12-31"
    assert deals[1].json["value"] == 12.5
    assert rows[2]["problem"]["errors"][0]["field"] == "value"


def test_a_cancelled_import_keeps_what_it_did(owner: Client) -> None:
    content = table("email", *(f"p{number}@s.example" for number in range(20_000)))
    import_id = begun(owner)
    job = put(owner, import_id, content).json["job_id"]
    assert within(60, lambda: owner.get(f"/jobs/{job}").json["progress"]["done"] > 0)
    assert owner.post(f"/jobs/{job}/cancel").status == 200
    found = ended(owner, import_id)
    assert found["state"] == "cancelled"
    assert 0 < found["created"] < 20_000
    total = owner.search("/contacts", include_total=True)["meta"]["total"]
    assert total == found["created"]
    assert put(owner, import_id, b"email\n").status == 409
