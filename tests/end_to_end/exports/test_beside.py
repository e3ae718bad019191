"""Exports beside what else there is: the feed, old contracts, sensitive fields."""

import asyncio
import csv
import io
from typing import Any

import orjson
import pyarrow.parquet as pq

from services.postgres.database import Database
from services.postgres.snapshots import Snapshot
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.exports.exporting import exported, file
from tests.end_to_end.schema.defining import define
from tests.world import Tenant, administer, let_transactions_end

OLDEST = "2026-06-01"
FIRST = "SELECT id FROM contacts WHERE business_id = $1 ORDER BY id"


def test_a_snapshot_does_not_hold_the_feed_back(tenant: Tenant, owner: Client) -> None:
    owner.create("/contacts", {"email": "a@a.example"})
    asked: dict[str, Any] = {"resources": ["contacts"]}
    let_transactions_end()
    begun = owner.post("/changes/read", asked | {"start": "now"}).json

    def told() -> list[str]:
        """What a reader gets of a commit that is made now."""
        cursor = begun["meta"]["cursor"]["next"]
        made = owner.create("/contacts", {"email": "b@a.example"})
        waiting = asked | {"cursor": cursor, "wait_seconds": 20}
        page = owner.post("/changes/read", waiting).json
        assert [each["record"]["id"] for each in page["data"]] == [made["id"]]
        return [each["type"] for each in page["data"]]

    async def beside(database: Database) -> list[str]:
        snapshot = await Snapshot.open(database)
        try:
            await snapshot.begin(FIRST, tenant.business_id)
            await snapshot.next_rows(1)
            found = await asyncio.to_thread(told)
            assert len(await snapshot.next_rows(5)) == 0  # it is still what it was
            return found
        finally:
            await snapshot.close()

    assert administer(tenant.stack.database_url, beside) == ["contact.created"]


def test_files_have_the_contract_of_their_export(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    made = owner.create("/contacts", {"email": "a@a.example", "lead_score": 7})
    old = open_client(tenant.tokens["owner"], OLDEST)
    line = old.get(f"/contacts/{made['id']}").body
    by_header, named = exported(old), exported(owner, version=OLDEST)
    for export in (by_header, named):
        assert export["version"] == OLDEST
        assert file(old, export).body.splitlines() == [line]


def test_a_file_tells_no_sensitive_value_to_who_may_not_read_it(
    owner: Client, member: Client
) -> None:
    define(owner, "text", key="it", sensitive=True)
    given = {"email": "a@a.example", "custom_fields": {"it": "top-secret", "free": "x"}}
    made = member.create("/contacts", {"email": "a@a.example"})
    owner.patch(f"/contacts/{made['id']}", {"custom_fields": given["custom_fields"]})
    answer = member.get(f"/contacts/{made['id']}").body
    masked = orjson.loads(answer)["masked"]
    assert masked
    for form in ("ndjson", "csv", "parquet"):
        data = file(member, exported(member, format=form)).body
        assert b"top-secret" not in data
        if form == "ndjson":
            assert data.splitlines() == [answer]
        elif form == "csv":
            (row,) = csv.DictReader(io.StringIO(data.decode(), newline=""))
            assert (row["custom_fields.it"], row["masked"]) == ("", "|".join(masked))
        else:
            (row,) = pq.read_table(io.BytesIO(data)).to_pylist()
            assert orjson.loads(row["masked"]) == masked
        whole = file(owner, exported(owner, format=form)).body
        assert b"top-secret" in whole
