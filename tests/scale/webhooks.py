"""How fast changes come to webhooks, and what that costs the database.

`python -m tests.scale.webhooks [CHANGES]` makes so many changes, and prints how many
deliveries a second one process makes of them to one webhook and to ten, with the
processor time of the database for each. The receiver is a second process on the same
machine. Then writers make 200 changes a second, and it prints how long after its commit
each of them is received.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvloop
from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.embedded import postgres
from services.postgres.database import Database
from services.postgres.schema import migrate
from tests.services.delivering import endpoints
from tests.services.delivering.scene import Scene, delivering, scene, until

WRITES, WRITERS, EACH_SECOND = 4_000, 8, 200
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("changes", nargs="?", type=int, default=4_000)
    changes = parser.parse_args().changes
    ours, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.get_context("spawn").Process(
        target=_receive, args=(theirs,), daemon=True
    )
    receiver.start()
    port = ours.recv()
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        (file,) = Path(folder).rglob("postmaster.pid")
        server = int(file.read_text().split()[0])
        uvloop.run(_measure(url, changes, port, ours, server))
    receiver.terminate()


def _receive(pipe: Connection) -> None:
    """The receiver: tells when it got which change of which webhook when asked."""

    async def run() -> None:
        got: list[tuple[str, float]] = []
        take = endpoints.answers(endpoints.OK)

        async def answer(writer: asyncio.StreamWriter) -> None:
            await take(writer)
            body = endpoint.received.pop().body
            got.append((json.loads(body)["data"]["record"]["id"], time.time()))

        async with endpoints.serving(answer) as endpoint:
            pipe.send(endpoint.port)
            loop = asyncio.get_running_loop()
            while True:
                question = await loop.run_in_executor(None, pipe.recv)
                pipe.send(len(got) if question == "how many" else got)
                if question == "which":
                    got.clear()

    uvloop.run(run())


async def _measure(
    url: str, changes: int, port: int, pipe: Connection, server: int
) -> None:
    database = await Database.open(url, max_connections=20)
    for webhooks in (1, 10):
        its = await scene(database)
        await _rate(its, webhooks, changes, port, (pipe, server))
        await database.run(
            "UPDATE webhooks SET active = false WHERE business_id = $1", its.business_id
        )
    await _lateness(await scene(database), port, pipe)
    await database.close()


async def _rate(
    its: Scene, webhooks: int, changes: int, port: int, watched: tuple[Connection, int]
) -> None:
    """Times the delivery of changes that are there already."""
    pipe, server = watched
    for number in range(webhooks):
        place = f"http://127.0.0.1:{port}/{number}"
        await its.webhook(place, include=("changed", "state"))
    each = changes // webhooks
    for first in range(0, each, 20):
        made = (_contact(its, number) for number in range(first, first + 20))
        await asyncio.gather(*made)
    expected = -(-each // 20) * 20 * webhooks
    before, own, began = _spent(server), time.process_time(), time.perf_counter()
    async with delivering(its.parts()):
        await until(lambda: _asked(pipe, "how many") >= expected)
        took = time.perf_counter() - began
        await until(lambda: _none_pending(its))
    cost = (_spent(server) - before) / expected * 1e3
    own_cost = (time.process_time() - own) / expected * 1e3
    _asked(pipe, "which")
    print(
        f"{webhooks} webhooks: {expected:,} deliveries, {expected / took:.0f} a second;"
        f" for each, ms: database {cost:.2f}, sender {own_cost:.2f}",
        flush=True,
    )


async def _lateness(its: Scene, port: int, pipe: Connection) -> None:
    """Times changes from their commits to the receiver."""
    include = ("changed", "state")
    await its.webhook(f"http://127.0.0.1:{port}/", "contact.created", include=include)
    committed: dict[str, float] = {}
    loop = asyncio.get_running_loop()

    async def write(number: int) -> None:
        for index in range(number, WRITES, WRITERS):
            await asyncio.sleep(max(0, began + index / EACH_SECOND - loop.time()))
            committed[await _contact(its, index)] = time.time()

    async with delivering(its.parts()):
        began = loop.time()
        await asyncio.gather(*(write(number) for number in range(WRITERS)))
        rate = WRITES / (loop.time() - began)
        await until(lambda: _asked(pipe, "how many") >= WRITES)
    told = dict(_asked(pipe, "which"))
    took = [(told[each] - at) * 1e3 for each, at in committed.items()]
    cuts = statistics.quantiles(took, n=100)
    print(
        f"{rate:.0f} writes a second: commit to receiver, ms:"
        f" p50 {cuts[49]:.0f}, p99 {cuts[98]:.0f}, most {max(took):.0f}"
    )


async def _contact(its: Scene, number: int) -> str:
    given = Contact(phone=f"+1555{number:07}", first_name="Ada", lead_score=7)
    return (await its.contacts.create(its.call, given)).id


def _asked(pipe: Connection, question: str) -> Any:
    pipe.send(question)
    return pipe.recv()


async def _none_pending(its: Scene) -> bool:
    return await its.pending() == 0


def _spent(server: int) -> float:
    """The processor time of a database server and its connections, in seconds."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if server in (int(fields[1]), int(folder.name)):
            total += sum(map(int, fields[11:15]))
    return total / _TICKS


if __name__ == "__main__":
    main()
