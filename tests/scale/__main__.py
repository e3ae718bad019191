"""How requests slow down as a tenant grows, and as tenants become more.

`python -m tests.scale [rows | tenants] [SIZES]` loads what it needs, once, into folders
that are kept, serves it by the product, and prints the median milliseconds of each
request as a Markdown table.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from deploy.demo.loading import load_demo
from deploy.demo.tenants import TENANT
from deploy.embedded import postgres
from services.errors import NotFound
from services.iam.tenants import business_of, set_rate_limit
from services.iam.tokens import issue_token
from services.postgres.database import Database
from services.postgres.schema import migrate
from tests import stacks
from tests.client import Client
from tests.scale import requests
from tests.scale.copies import copy_tenant
from tests.world import ALL_SCOPES, NO_LIMIT, administer

SIZES = {"rows": (10_000, 100_000, 1_000_000), "tenants": (1, 10, 100, 1_000)}
TIMES = 75
FAR_RECORDS = 250_000  # page 10,000 of 25

CONTACTS = 1_000  # of each of many tenants
MOST_ASKED = 200  # tenants, one after the other

Medians = Mapping[str, float]


def main() -> None:
    """Measures every size and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=SIZES)
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--folder", type=Path, default=Path("build/scale"))
    given = parser.parse_args()
    measure = by_rows if given.what == "rows" else by_tenants
    _print(measure(given.folder, given.sizes or SIZES[given.what]))


def by_rows(folder: Path, sizes: Sequence[int]) -> Mapping[int, Medians]:
    """The medians of one tenant, for each number of its contacts."""
    return {size: _of_one(folder / str(size), size) for size in sizes}


def _of_one(folder: Path, size: int) -> Medians:
    folder.mkdir(parents=True, exist_ok=True)
    with postgres.running(folder, print) as url, ExitStack() as opened:
        asyncio.run(migrate(url, print))
        administer(url, lambda database: load_demo(database, size))
        (client,) = _clients(opened, url, [TENANT])
        far = FAR_RECORDS if size >= 2 * FAR_RECORDS else 0
        medians = {
            **dict(requests.paths([client], TIMES)),
            **dict(requests.pages(client, TIMES, far)),
            **dict(requests.finds([client], TIMES)),
        }
        return medians | administer(url, _bytes)


def by_tenants(folder: Path, sizes: Sequence[int]) -> Mapping[int, Medians]:
    """The medians over tenants of 1,000 contacts, for each number of them."""
    found: dict[int, Medians] = {}
    folder = folder / "tenants"
    folder.mkdir(parents=True, exist_ok=True)
    with postgres.running(folder, print) as url:
        asyncio.run(migrate(url, print))
        administer(url, lambda database: load_demo(database, CONTACTS))
        for size in sizes:
            names = [TENANT, *(f"copy {number}" for number in range(1, size))]
            administer(url, partial(_copy, names=names))
            asked = names[:: max(1, size // MOST_ASKED)]
            with ExitStack() as opened:
                clients = _clients(opened, url, asked)
                times = max(TIMES, len(clients))
                found[size] = {
                    **dict(requests.paths(clients, times)),
                    **dict(requests.finds(clients, times)),
                }
    return found


def _clients(opened: ExitStack, url: str, names: Sequence[str]) -> list[Client]:
    """A client for the owner of each tenant, on a product that serves them."""
    tokens = administer(url, lambda database: _tokens(database, names))
    stack = opened.enter_context(stacks.running("together", url))
    clients = (Client(stack.http, token) for token in tokens)
    return [opened.enter_context(closing(client)) for client in clients]


async def _copy(database: Database, names: Sequence[str]) -> None:
    """Makes the tenants that are not there yet."""
    model = await business_of(database, names[0])
    for name in names[1:]:
        try:
            await business_of(database, name)
        except NotFound:
            await copy_tenant(database, model, name)
    await database.run("ANALYZE")


async def _tokens(database: Database, names: Sequence[str]) -> list[str]:
    """A token for each tenant's owner, with no limit that one would meet."""
    email, tokens = f"owner@{TENANT}.example", []
    for name in names:
        await set_rate_limit(database, name, NO_LIMIT)
        tokens.append(
            await issue_token(database, name, email, ALL_SCOPES, rate_limit=NO_LIMIT)
        )
    return tokens


async def _bytes(database: Database) -> dict[str, float]:
    """What a contact takes on disk, with its indexes, as the last line."""
    row = await database.row(
        "SELECT pg_relation_size('contacts'), pg_indexes_size('contacts'),"
        " reltuples FROM pg_class WHERE relname = 'contacts'"
    )
    assert row is not None
    return {
        "bytes a contact": row[0] / row[2],
        "bytes a contact, indexes": row[1] / row[2],
    }


def _print(found: Mapping[int, Medians]) -> None:
    """The table: a line for each request, a column for each size."""
    print("| ms | " + " | ".join(f"{size:,}" for size in found) + " |")
    print("|---|" + "--:|" * len(found))
    for name in dict.fromkeys(name for each in found.values() for name in each):
        cells = (f"{each[name]:.2f}" if name in each else "" for each in found.values())
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
