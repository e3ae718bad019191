"""What a request costs: CPU microseconds of the product's process, the database apart.

`python -m tests.bench.cpu_per_request [--quick]` serves a tenant of its own from an
embedded PostgreSQL with one process and all gates on, and keeps a few connections
busy. Every answer is checked; a figure is the median of several rounds.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from deploy import postgres
from services.schema import migrate
from tests.client import VERSION, Client
from tests.end_to_end.scene import many_activities
from tests.harness.raw_http import request
from tests.stacks import Process, Stack, start
from tests.world import Tenant, new_tenant

CONNECTIONS = 16
PAGE = 25
TIMELINE = 10_000
QUIET = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Operation:
    """A request to repeat: what the `number`th one of a `connection` sends, the
    status that answers it, and what else its body must show."""

    name: str
    send: Callable[[int, int], bytes]
    status: int
    shows: Callable[[int, int, bytes], bool]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round has cost."""

    requests: int
    seconds: float
    cpu_seconds: float

    @property
    def microseconds(self) -> float:
        """CPU time for each request."""
        return self.cpu_seconds / self.requests * 1e6

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def operations(
    token: str, contacts: list[str], deals: list[str], busy: str
) -> list[Operation]:
    """What is measured. Each connection has a contact and a deal of its own.

    `busy` is a contact with many activities.
    """
    usual = [
        ("Host", "bench"),
        ("Authorization", f"Bearer {token}"),
        ("Version", VERSION),
        ("Content-Type", "application/json"),
    ]

    def sent(line: str, body: bytes = b"", *more: tuple[str, str]) -> bytes:
        length = ("Content-Length", str(len(body)))
        return request(f"{line} HTTP/1.1", [*usual, length, *more], body)

    def create(connection: int, number: int) -> bytes:
        body = b'{"email": "%d-%d@bench.example"}' % (connection, number)
        key = f"{time.monotonic_ns()}-{connection}-{number}"
        return sent("POST /v1/contacts", body, ("Idempotency-Key", key))

    def patch(connection: int, number: int) -> bytes:
        body = b'{"job_title": "Title %d"}' % number
        return sent(f"PATCH /v1/contacts/{contacts[connection]}", body)

    def page(plural: str, prefix: bytes, body: dict[str, Any]) -> Operation:
        search = sent(f"POST /v1/{plural}/search", json.dumps(body).encode())
        mark = b'"id":"' + prefix
        name = f"{PAGE} {plural}"
        return Operation(
            name, lambda *_: search, 200, lambda *found: found[-1].count(mark) == PAGE
        )

    gets = [sent(f"GET /v1/contacts/{each}") for each in contacts]
    deal_gets = [sent(f"GET /v1/deals/{each}") for each in deals]
    of_busy = {"field": "record_id", "operator": "eq", "value": busy}
    return [
        Operation(
            "get",
            lambda connection, _: gets[connection],
            200,
            lambda connection, _, body: contacts[connection].encode() in body,
        ),
        page("contacts", b"con_", {"limit": PAGE}),
        Operation(
            "create with key",
            create,
            201,
            lambda connection, number, body: b"%d-%d@" % (connection, number) in body,
        ),
        Operation(
            "patch",
            patch,
            200,
            lambda _, number, body: b'"Title %d"' % number in body,
        ),
        Operation(
            "get a deal",
            lambda connection, _: deal_gets[connection],
            200,
            lambda connection, _, body: deals[connection].encode() in body,
        ),
        page("deals", b"deal_", {"limit": PAGE}),
        page("activities", b"act_", {"filters": [of_busy], "order_by": "occurred_at"}),
    ]


async def load(address: str, operation: Operation, seconds: float) -> int:
    """Keeps all connections busy for so long; returns how many were answered."""
    ends = time.monotonic() + seconds
    busy = [_repeat(address, operation, each, ends) for each in range(CONNECTIONS)]
    return sum(await asyncio.gather(*busy))


async def _repeat(address: str, operation: Operation, mine: int, ends: float) -> int:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    number = 0
    while time.monotonic() < ends:
        writer.write(operation.send(mine, number))
        status, body = await _answer(reader)
        if status != operation.status or not operation.shows(mine, number, body):
            raise AssertionError(f"{operation.name}: {status} {body[:500]!r}")
        number += 1
    writer.close()
    await writer.wait_closed()
    return number


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
    return int(head[9:12]), await reader.readexactly(int(length))


def cpu_seconds(process: Process) -> float:
    """The CPU time that a process has used, in all its threads."""
    stat = Path(f"/proc/{process.handle.pid}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS


def measure(process: Process, operation: Operation, seconds: float) -> Round:
    """One round under load."""
    cpu, began = cpu_seconds(process), time.monotonic()
    requests = uvloop.run(load(process.http, operation, seconds))
    return Round(requests, time.monotonic() - began, cpu_seconds(process) - cpu)


@contextmanager
def served() -> Iterator[tuple[Process, Tenant]]:
    """The product in one process, and a tenant."""
    with (
        tempfile.TemporaryDirectory(prefix="pc-") as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        ports = ("--http-port", "0", "--grpc-port", "0")
        process = start("serve", "--no-demo", "--data-dir", folder, *ports, env=QUIET)
        try:
            stack = Stack("together", process.http, process.grpc, url)
            yield process, new_tenant(stack)
        finally:
            process.stop()


def people(client: Client, count: int) -> list[str]:
    """Creates contacts with something in their fields; returns their ids."""
    body: dict[str, Any] = {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+44 20 7946 0000",
        "job_title": "Countess",
        "city": "London",
        "country": "GB",
        "tags": ["bench", "VIP"],
        "custom_fields": {"plan": "gold", "seats": 3},
    }
    emails = (f"ada{number}@bench.example" for number in range(count))
    return [client.create("/contacts", {**body, "email": e})["id"] for e in emails]


def sales(client: Client, count: int) -> list[str]:
    """Creates deals; returns their ids."""
    bodies = (
        {"name": f"Deal {n}", "value": n + 0.5, "tags": ["x"]} for n in range(count)
    )
    return [client.create("/deals", body)["id"] for body in bodies]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer, shorter rounds")
    quick = parser.parse_args().quick
    rounds, seconds = (3, 1.0) if quick else (7, 3.0)
    print(f"{'':16}{'CPU µs/request':>16}{'least':>8}{'most':>8}{'req/s':>8}")
    with served() as (process, tenant), closing(tenant.client()) as client:
        contacts, deals = people(client, 200), sales(client, 200)
        many_activities(tenant, {"contact_id": contacts[-1]}, TIMELINE)
        token = tenant.tokens["owner"]
        for operation in operations(token, contacts, deals, contacts[-1]):
            measure(process, operation, seconds)  # warms up
            found = [measure(process, operation, seconds) for _ in range(rounds)]
            costs = [each.microseconds for each in found]
            rate = statistics.median(each.per_second for each in found)
            cost = statistics.median(costs)
            least, most = min(costs), max(costs)
            print(f"{operation.name:16}{cost:16.0f}{least:8.0f}{most:8.0f}{rate:8.0f}")


if __name__ == "__main__":
    main()
