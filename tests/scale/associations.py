"""What it costs to find records by what they are associated with.

`python -m tests.scale.associations [DEALS]` fills a database of its own: a tenant with
so many deals, as many contacts, and three associations for each deal. It prints, as a
Markdown table, the median milliseconds of a first page, as the services read it, and
the least, which a busy machine changes little.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict
from prospectconnect.crm.v1 import contacts_pb2, deals_pb2

from deploy.embedded import postgres
from services.caller import Call
from services.every_kind import compile_kinds
from services.faults import Faults
from services.kinds.own_fields import NO_SCHEMA
from services.postgres.database import Database
from services.postgres.schema import migrate
from services.records.engine import Records
from services.search.associated import Associations
from services.search.filters import FilterCompiler
from services.search.searches import Searches
from tests.services.callers import caller

TIMES = 25
TENANT = "biz_000000000000000000000001"

# A contact in so many lives there; the others live in Town.
CITIES = {"Hamlet": 10_000, "Village": 1_000, "Berlin": 100, "Rio": 10, "Town": 1}

_TENANT = """
INSERT INTO tenants (business_id, name, limit_requests, limit_seconds)
VALUES ($1, 'Scale', 1000, 10)
"""
_PIPELINE = """
INSERT INTO pipelines (business_id, id, name, is_default, position, stages, created_at,
  updated_at)
VALUES ($1, 'pip_0', 'Sales', true, 0, '[]', now(), now())
"""
_CONTACTS = """
INSERT INTO contacts (business_id, id, first_name, last_name, name, email,
  lifecycle_stage, lead_score, tags, custom_fields, city, created_at, updated_at)
SELECT $1, 'con_' || lpad(to_hex(n), 24, '0'), '', '', 'Contact ' || n,
  'c' || n || '@x.example', 1, n % 100, '{}', jsonb_build_object('seats', n % 1000),
  CASE {cities} END, now() - n * interval '1 s', now()
FROM generate_series(1, $2::int) AS n
"""
_DEALS = """
INSERT INTO deals (business_id, id, name, pipeline_id, stage_id, status, value,
  currency, contact_id, tags, custom_fields, stage_changed_at, created_at, updated_at)
SELECT $1, 'deal_' || lpad(to_hex(n), 24, '0'), 'Deal ' || n, 'pip_0', 'stg_0', 1,
  (n * 7919) % 100003, 'EUR', 'con_' || lpad(to_hex((n * 7907) % $2 + 1), 24, '0'),
  '{}', '{}', now(), now() - n * interval '1 s', now()
FROM generate_series(1, $2::bigint) AS n
"""
_ASSOCIATIONS = """
INSERT INTO associations (business_id, id, type, from_id, to_id, cardinality,
  created_at, updated_at)
SELECT $1, 'ass_' || lpad(to_hex(n * 3 + k), 24, '0'), 'deal_contacts',
  'deal_' || lpad(to_hex(n), 24, '0'),
  'con_' || lpad(to_hex((n * 7919 + k * 104729) % $2 + 1), 24, '0'), 1, now(), now()
FROM generate_series(1, $2::bigint) AS n, generate_series(0, 2) AS k
"""


def filters() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """What is searched, what for, and its filter."""
    there = "associations.deal_contacts"
    for city, share in CITIES.items():
        yield (
            "deals",
            f"a contact of 1 in {share:,}",
            {"field": f"{there}.city", "operator": "OPERATOR_EQ", "value": city},
        )
    yield (
        "deals",
        "no contact of 1 in 10",
        {"not": {"field": f"{there}.city", "operator": "OPERATOR_EQ", "value": "Rio"}},
    )
    email = {"operator": "OPERATOR_EQ", "value": "c77@x.example"}
    yield "deals", "a contact by e-mail", {"field": f"{there}.email", **email}
    seats: dict[str, Any] = {"operator": "OPERATOR_EQ", "value": 77}
    yield (
        "deals",
        "a free custom field",
        {"field": f"{there}.custom_fields.seats", **seats},
    )
    one: dict[str, Any] = {"operator": "OPERATOR_ANY_OF", "values": [f"con_{77:024x}"]}
    yield "deals", "one contact by its id", {"field": there, **one}
    yield "deals", "any contact", {"field": there, "operator": "OPERATOR_IS_NOT_EMPTY"}
    yield "deals", "no contact", {"field": there, "operator": "OPERATOR_IS_EMPTY"}
    for city, share in CITIES.items():
        name = "associations.deal_contact.city"
        found = {"field": name, "operator": "OPERATOR_EQ", "value": city}
        yield "deals", f"its first contact of 1 in {share:,}", found
    for least, share in ((100_000, 33_000), (99_900, 1_000), (99_000, 100), (0, 1)):
        name = f"{there}.inverse.value"
        of: dict[str, Any] = {"operator": "OPERATOR_GTE", "value": least}
        yield "contacts", f"a deal of 1 in {share:,}", {"field": name, **of}
    name = f"{there}.inverse.name"
    found = {"field": name, "operator": "OPERATOR_CONTAINS", "value": "eal 777"}
    yield "contacts", "a deal by a part of its name", found


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deals", nargs="?", type=int, default=100_000)
    deals = parser.parse_args().deals
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        asyncio.run(_measure(url, deals))


async def _measure(url: str, deals: int) -> None:
    database = await Database.open(url)
    try:
        await _fill(database, deals)
        print(f"| {deals:,} deals, {3 * deals:,} associations | found | ms | least |")
        print("|---|---|---|---|")
        for path, name, given in filters():
            found, spent = await _times(database, path, given)
            middle, least = statistics.median(spent), min(spent)
            row = f"| {path}: {name} | {found} | {middle:.1f} | {least:.1f} |"
            print(row, flush=True)
    finally:
        await database.close()


async def _fill(database: Database, deals: int) -> None:
    cities = " ".join(
        f"WHEN n % {share} = 0 THEN '{city}'" for city, share in CITIES.items()
    )
    await database.run(_TENANT, TENANT)
    await database.run(_PIPELINE, TENANT)
    await database.run(_CONTACTS.replace("{cities}", cities), TENANT, deals)
    await database.run(_DEALS, TENANT, deals)
    await database.run(_ASSOCIATIONS, TENANT, deals)
    for table in ("contacts", "deals", "associations"):
        await database.run(f"VACUUM ANALYZE {table}")


async def _times(
    database: Database, path: str, given: Mapping[str, Any]
) -> tuple[int, list[float]]:
    """How many records a first page holds, and the milliseconds that it takes."""
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = await _search(database, path, given)
        spent.append((time.perf_counter() - began) * 1000)
    return len(answer.data), spent


class _Unsealed:
    """Cursors that nobody follows."""

    def seal(self, *_: Any) -> str:
        return ""


_MESSAGES: Mapping[str, tuple[str, Any, Any]] = {
    "deals": ("deal", deals_pb2.SearchDealsRequest, deals_pb2.SearchDealsResponse),
    "contacts": (
        "contact",
        contacts_pb2.SearchContactsRequest,
        contacts_pb2.SearchContactsResponse,
    ),
}
_KINDS = compile_kinds()


async def _search(database: Database, path: str, given: Mapping[str, Any]) -> Any:
    """A first page, as the services read it."""
    name, request_class, response_class = _MESSAGES[path]
    request, compiled = ParseDict({"filters": [given]}, request_class()), _KINDS[name]
    call = Call(caller(TENANT), schema=NO_SCHEMA)
    call.parameters.business_id = TENANT
    faults = Faults()
    there = Associations(path, compiled.kinds, call.caller, NO_SCHEMA)
    compiler = FilterCompiler(
        compiled.kind, faults, call.parameters, associations=there
    )
    call.conditions = compiler.all(request.filters)
    assert not faults.found, faults.found
    searches: Any = Searches(Records(database, compiled), _Unsealed())  # type: ignore[arg-type]  # nobody follows them
    return await searches.search(call, request, response_class)


if __name__ == "__main__":
    main()
