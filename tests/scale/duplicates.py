"""How well duplicates are found, and what that costs as a tenant grows.

`python -m tests.scale.duplicates [CONTACTS]` prints as Markdown tables what is found of
labelled people and companies, and then, for a tenant with so many contacts, the time
of one search, of a page of groups and of all of them, and how memory grew meanwhile.
"""

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from pathlib import Path
from random import Random

from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.demo.companies import companies
from deploy.demo.people import people
from deploy.embedded import postgres
from services.duplicates.groups import group_of, near
from services.duplicates.methods import DEFAULT_SCORE
from services.postgres import index_builds
from services.postgres.database import Database
from services.postgres.schema import migrate
from services.records.bulk import copy_records
from services.tenant_setup import create_tenant
from tests.services.callers import caller
from tests.services.duplicates.finding import all_found, as_rows, looking_at
from tests.services.duplicates.labelled import (
    ENDS_AT,
    Labelled,
    labelled_companies,
    labelled_people,
)

LABELLED, EACH = 6_000, 250
SEARCHES, TOGETHER, ON_A_PAGE = 200, 200, 5
# So many share a name and a telephone number with all others of them.
CROWD = 10


def main() -> None:
    """Measures and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contacts", nargs="?", type=int, default=1_000_000)
    count = parser.parse_args().contacts
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        asyncio.run(_measure(url, count))


async def _measure(url: str, count: int) -> None:
    database = await Database.open(url, max_connections=1)
    try:
        made = labelled_people(LABELLED, EACH), labelled_companies(LABELLED, EACH)
        for name, labelled in zip(("people", "companies"), made, strict=True):
            await _quality(database, name, labelled)
        await _price(database, count)
    finally:
        await database.close()


async def _quality(database: Database, name: str, labelled: Labelled) -> None:
    found = await all_found(database, name, labelled)
    print(f"\n| {name} | pairs | found | are |\n|---|---|---|---|")
    print(as_rows([*found.table()]))
    print(f"\nPrecision {found.precision:.3f}, recall {found.recall:.3f}.", flush=True)


async def _price(database: Database, count: int) -> None:
    business_id = await _load(database, count)
    looking, who = looking_at(database, "contact"), caller(business_id, "")
    first, _, _ = await looking.after(who, "", SEARCHES)
    times = []
    for subject in first:
        began = time.perf_counter()
        await looking.pairs(who, [subject], DEFAULT_SCORE)
        times.append(time.perf_counter() - began)
    before, began = _peak(), time.perf_counter()
    pages, groups, last, goes_on = [], 0, "", True
    while goes_on:
        start = time.perf_counter()
        for _ in range(ON_A_PAGE):
            subjects, last, goes_on = await looking.after(who, last, TOGETHER)
            found, _ = await near(looking, who, subjects, DEFAULT_SCORE)
            groups += sum(group_of(each, found) is not None for each in subjects)
        pages.append(time.perf_counter() - start)
    whole = time.perf_counter() - began
    rows = [
        ("one search, median, ms", f"{statistics.median(times) * 1e3:.1f}"),
        ("one search, longest, ms", f"{max(times) * 1e3:.1f}"),
        (f"{TOGETHER * ON_A_PAGE} records, median, ms", _ms(statistics.median(pages))),
        (f"{TOGETHER * ON_A_PAGE} records, longest, ms", _ms(max(pages))),
        ("all, s", f"{whole:.0f}"),
        ("groups", groups),
        ("memory that it took, MB", f"{(_peak() - before) / 1024:.0f}"),
    ]
    print(f"\n| {count:,} contacts | |\n|---|---|\n{as_rows(rows)}")


async def _load(database: Database, count: int) -> str:
    """A tenant with people. A tenth of them share a name and a telephone number."""
    business_id = await create_tenant(database, "large")
    firms = list(companies(max(count // 10, 1), (), ENDS_AT))
    await index_builds.set_aside(database, ["contacts", "companies"])
    await copy_records(database, Company, business_id, firms)
    draw = Random(1)

    def crowded(contact: Contact) -> None:
        contact.external_ids.Clear()
        if draw.randrange(CROWD) == 0:
            contact.first_name, contact.last_name = "John", "Smith"
            contact.phone = "+1 415 555 0100"

    made = people(count, (), ENDS_AT, companies=firms)
    await copy_records(database, Contact, business_id, made, crowded)
    await index_builds.build_missing(database)
    await database.run("ANALYZE")
    return business_id


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.0f}"


def _peak() -> int:
    """The most memory that this process had so far, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
