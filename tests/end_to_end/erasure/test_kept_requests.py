"""Requests and dry runs of imports and exports forget an erased person, too."""

import asyncio
from functools import partial
from typing import Any
from unicodedata import normalize

import asyncpg

from tests.client import Answer, Client
from tests.end_to_end.changes.following import BOTH, Reader, let_all_be_told
from tests.end_to_end.erasure.traces import traces
from tests.end_to_end.imports.sending import (
    begun,
    ended,
    errors_of,
    imported,
    put,
    table,
)
from tests.harness.promptly import within
from tests.world import Tenant

WORDS = ["zoraquibble", "quibblequib"]
PERSON = {
    "email": "ZoraQuibble@ae.example",
    "first_name": "Zo",
    "last_name": "Quibblequib",
}


def left(tenant: Tenant) -> set[str]:
    async def look() -> set[str]:
        link = await asyncpg.connect(tenant.stack.database_url)
        try:
            async with link.transaction():
                return await traces(link, WORDS)
        finally:
            await link.close()

    return asyncio.run(look())


def test_requests_and_dry_runs_forget_a_person(tenant: Tenant, owner: Client) -> None:
    email = PERSON["email"]
    made = owner.create("/contacts", PERSON)["id"]
    other = {"first_name": "Other"}
    waits = begun(owner, defaults={"email": email})
    kept = begun(owner, defaults=other)
    shown = begun(owner, dry_run=True, mode="upsert")
    rows = f"{email},Quibblequib", "b@ae.example,B"
    put(owner, shown, table("email,last_name", *rows))
    headless = begun(owner)
    put(owner, headless, table(f"{email},Quibblequib", "c@ae.example,C"))
    assert ended(owner, shown)["result"]["rows"]
    ended(owner, headless)
    asked = {"field": "email", "operator": "eq", "value": email}
    body = {"resource": "contacts", "filters": [asked], "format": "ndjson"}
    export = owner.create("/exports", body)
    owner.post(f"/jobs/{export['job_id']}/wait", {"wait_seconds": 20})
    before = left(tenant)
    assert {"imports.defaults", "imports.result", "exports.filters"} <= before
    assert owner.post(f"/contacts/{made}/erase", {"reason": "Why"}).status == 200
    assert left(tenant) == set()
    assert owner.get(f"/imports/{waits}").json["defaults"] is None
    assert owner.get(f"/imports/{kept}").json["defaults"] == other
    result = owner.get(f"/imports/{shown}").json["result"]
    assert "rows" not in result
    assert result["mapping"] == {"email": "email", "last_name": "last_name"}


def test_repeated_requests_for_files_answer_no_more(owner: Client) -> None:
    email = "replayed@ae.example"
    made = owner.create("/contacts", {**PERSON, "email": email})["id"]
    tried = imported(owner, table("email,last_name", f"{email},Q"), dry_run=True)
    body = {"resource": "contacts", "mode": "create", "format": "csv"}
    asked = {"field": "email", "operator": "eq", "value": email}
    kept = {"resource": "contacts", "filters": [asked], "format": "ndjson"}
    calls: list[tuple[str, Any]] = [
        (f"/imports/{tried['id']}/cancel", {}),
        ("/imports", {**body, "defaults": {"email": email}}),
        ("/exports", kept),
    ]

    def again() -> list[Answer]:
        return [
            owner.post(path, given, idempotency_key=f"files-{number}")
            for number, (path, given) in enumerate(calls)
        ]

    assert all(each.status in (200, 201) for each in again())
    assert all(email.encode() in each.body for each in again()), "replayed"
    assert owner.post(f"/contacts/{made}/erase", {"reason": "Why"}).status == 200
    for answer in again():
        assert answer.status == 410, answer.body
        assert email.encode() not in answer.body


def test_a_job_forgets_the_person_in_the_header_of_its_file(owner: Client) -> None:
    email = "headed@ae.example"
    made = owner.create("/contacts", {"email": email})["id"]
    reader = Reader(owner, resources=["jobs"], include=BOTH)
    job_id = imported(owner, table(f"{email},{email}", "a,b"))["job_id"]
    assert email in str(owner.get(f"/jobs/{job_id}").json["problem"])
    assert owner.post(f"/contacts/{made}/erase", {"reason": "Why"}).status == 200
    let_all_be_told(owner)
    changes = [each for each in reader.read() if each["record"]["id"] == job_id]
    assert [changes[-2]["type"], changes[-1]["type"]] == ["job.failed", "job.updated"]
    job = owner.get(f"/jobs/{job_id}")
    assert job.json["problem"]["type"] == changes[-1]["state"]["problem"]["type"]
    assert email not in str([job.json, changes])
    assert job.headers["etag"] == f'"{changes[-1]["record"]["version"]}"'


# Rejected rows that have José Müllér, by how their files are said to be written.
WRITTEN: list[tuple[dict[str, str], list[bytes]]] = [
    (
        {"charset": "windows-1252"},
        ["bad,José,Müllér,".encode("cp1252"), "bad,José,Müllér,".encode()],
    ),
    ({"charset": "utf-16"}, ["bad,José,Müllér,".encode("utf-16-le")]),
    (
        {},
        [
            "bad,JOSÉ,MÜLLÉR,".encode(),
            "bad,José,Müllér,".encode("cp1252"),
            normalize("NFD", "bad,José,Müllér,").encode(),
            b"bad,J,M,+49 30 5550199",
            b"bad,J,M,030/555 01-99",
        ],
    ),
    (
        {"format": "ndjson"},
        [
            rb'{"email": 1, "first_name": "Jos\u00e9", "last_name":"M\u00fcll\u00C9r"}',
            rb'{"email": "jose\u0040ae.example", "lead_score": 999}',
        ],
    ),
]
HEAD, OTHER = "email,first_name,last_name,phone", "bad,Jose,Byron,+49 30 5550198"
OTHER_OBJECT = '{"email": "bad", "first_name": "Jose"}'


def is_without(client: Client, import_id: str, told: bytes) -> bool:
    return told not in errors_of(client, import_id)


def test_rejected_rows_go_however_they_were_written(owner: Client) -> None:
    person = {"email": "jose@ae.example", "phone": "+49305550199"}
    names = {"first_name": "José", "last_name": "Müllér"}
    made = owner.create("/contacts", person | names)["id"]
    imports = list[tuple[str, list[bytes], bytes]]()
    for given, rows in WRITTEN:
        charset = "utf-16-le" if given.get("charset") == "utf-16" else "utf-8"
        other = (OTHER_OBJECT if "format" in given else OTHER).encode(charset)
        mark = "" if charset == "utf-8" else "\ufeff"
        head = [] if "format" in given else [(mark + HEAD).encode(charset)]
        content = "\n".encode(charset).join([*head, *rows, other, b""])
        found = imported(owner, content, **given)
        assert found["failed"] == found["rows"] == len(rows) + 1
        imports.append((found["id"], [each[-20:-1] for each in rows], other[-20:-1]))
    for import_id, told, _ in imports:
        assert all(each in errors_of(owner, import_id) for each in told)
    assert owner.post(f"/contacts/{made}/erase", {"reason": "Why"}).status == 200
    for import_id, told, other in imports:
        # The worker deletes the file that was written before.
        assert within(60, partial(is_without, owner, import_id, told[0]))
        left = errors_of(owner, import_id)
        assert [each for each in told if each in left] == []
        assert other in left
