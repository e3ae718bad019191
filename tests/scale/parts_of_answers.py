"""What parts of records and expansions cost, compared with the page of whole records.

`python -m tests.scale.parts_of_answers [ROUNDS]` serves a database of its own. It
prints, as Markdown, the processor time of each search, of the product and of
PostgreSQL, and its share of the search that it is compared with. The load is that of
the bench. All searches are asked in turn in short rounds, so that what else the machine
does happens to each; the median of the rounds is told. A search of one record shows
what every request costs.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests import stacks
from tests.bench.cpu import cpu_seconds
from tests.bench.load import PATIENCE_SECONDS, Exchange, load
from tests.client import VERSION, Client
from tests.promises.record_values import Maker
from tests.promises.records_suite import RESOURCES
from tests.world import new_tenant

RECORDS = 100
EACH_ROUND = 250  # searches

Body = dict[str, Any]

ONE = "1 whole record"
WHOLE, PART = "25 whole records", "25 with `fields` of 3"
PAGE, EXPANDED = "100 whole records", "100 with 2 expansions"
SEARCHES: Mapping[str, Body] = {
    ONE: {"limit": 1},
    WHOLE: {"limit": 25},
    PART: {"limit": 25, "fields": ["name", "email", "phone"]},
    PAGE: {"limit": 100},
    EXPANDED: {"limit": 100, "expand": ["company", "owner"]},
}
COMPARED = ((WHOLE, PART, 0.6), (PAGE, EXPANDED, 2.0))


class Spent(NamedTuple):
    """Milliseconds of processor time of one search."""

    product: float
    database: float


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=20)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        pid = Path(folder) / "postgres" / "postmaster.pid"
        server = int(pid.read_text().split()[0])
        ports = ("--http-port", "0", "--grpc-port", "0", "--database-url", url)
        quiet = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}
        process = stacks.start("serve", "--no-demo", *ports, env=quiet)
        stack = stacks.Stack("together", process.http, process.grpc, url)
        try:
            tenant = new_tenant(stack)
            with closing(tenant.client()) as client:
                _load(client, tenant.users)
            token = tenant.tokens["owner"]
            _print(_measure(stack, token, (process.handle.pid, server), rounds))
        finally:
            process.stop()


def _load(client: Client, users: Mapping[str, str]) -> None:
    """Makes contacts of all fields, each at a company of its own."""
    maker = Maker(client, users)
    contact, company = RESOURCES["contact"], RESOURCES["company"]
    for number in range(RECORDS):
        firm = client.create("/companies", maker.full(company))["id"]
        given = {"email": f"ada{number}@engine.example", "company_id": firm}
        client.create("/contacts", {**maker.full(contact), **given})


def _measure(
    stack: stacks.Stack, token: str, pids: tuple[int, int], rounds: int
) -> Mapping[str, list[Spent]]:
    """What each search took in each round."""
    found: dict[str, list[Spent]] = {name: [] for name in SEARCHES}
    asked = {
        name: Exchange(_request(token, body), b"200", b'"has_more":', whole=False)
        for name, body in SEARCHES.items()
    }
    meter = partial(_clocks, pids)
    for number in range(rounds + 1):
        for name, exchange in asked.items():
            again = repeat(exchange).__next__
            done = load(stack.http, again, meter, PATIENCE_SECONDS, EACH_ROUND)
            took = (b - a for a, b in zip(done.before, done.after, strict=True))
            spent = Spent(*(1000 * each / done.requests for each in took))
            if number:  # the first one warms up
                found[name].append(spent)
    return found


def _request(token: str, body: Body) -> bytes:
    content = orjson.dumps(body)
    head = (
        "POST /v1/contacts/search HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {token}\r\nVersion: {VERSION}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _clocks(pids: tuple[int, int]) -> list[float]:
    return [sum(cpu_seconds(pid).values()) for pid in pids]


def _print(found: Mapping[str, list[Spent]]) -> None:
    print("| search | product, ms | database, ms |\n|---|--:|--:|")
    for name, each in found.items():
        product, database = (
            statistics.median(part) for part in zip(*each, strict=True)
        )
        print(f"| {name} | {product:.2f} | {database:.2f} |")
    for name, other, goal in COMPARED:
        product, database = (
            statistics.median(shares)
            for shares in zip(*_shares(found[name], found[other]), strict=True)
        )
        print(
            f"\n{other}: {product:.2f} of {name} in the product"
            f" (goal {goal}), {database:.2f} in the database"
        )


def _shares(whole: list[Spent], part: list[Spent]) -> Iterator[Spent]:
    """The share of each round."""
    for one, other in zip(whole, part, strict=True):
        yield Spent(other.product / one.product, other.database / one.database)


if __name__ == "__main__":
    main()
