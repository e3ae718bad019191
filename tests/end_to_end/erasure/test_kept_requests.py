"""Requests and dry runs of imports and exports forget an erased person, too."""

import asyncio

import asyncpg

from tests.client import Client
from tests.end_to_end.erasure.traces import traces
from tests.end_to_end.imports.sending import begun, ended, put, table
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
