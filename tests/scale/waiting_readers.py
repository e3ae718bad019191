"""What readers cost that wait for changes: memory, and the time of others' writes.

`python -m tests.scale.waiting_readers [READERS]` opens so many streams of many tenants
on one process, and prints how much memory the process takes for each, how many
connections to the database and how much of a processor it uses while they wait, and
the times of one tenant's writes before and beside them. Then a tenant writes whose
readers are told of each write, and last all tenants, and it prints how long their
readers wait for it. Memory is that of the process; the kernel's for sockets is not in
it, and the readers are in this program.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests import stacks
from tests.stacks import Process, Stack
from tests.world import Tenant, administer, new_tenant

TENANTS, WRITES, TOLD_WRITES = 50, 1_000, 100
_IDLE_SECONDS = 15.0
_KIB = 1024
_PATIENCE_SECONDS = 60.0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="?", type=int, default=10_000)
    readers = parser.parse_args().readers
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        ports = ("--http-port", "0", "--grpc-port", "0", "--data-dir", folder)
        process = stacks.start(
            *("serve", "--database-url", url, *ports),
            env={
                "PROSPECTCONNECT_LOG_REQUESTS": "false",
                "PROSPECTCONNECT_SLOW_STATEMENT_MS": "0",
            },
        )
        try:
            stack = Stack("together", process.http, process.grpc, url)
            tenants = [new_tenant(stack) for _ in range(TENANTS + 1)]
            asyncio.run(_measure(process, tenants, readers))
        finally:
            process.stop()


async def _measure(process: Process, tenants: Sequence[Tenant], readers: int) -> None:
    *reading, writing = tenants
    pid = process.handle.pid
    await _writes(process.http, writing, WRITES)
    alone, before = await _writes(process.http, writing, WRITES), _memory(pid)
    streams: list[Any] = []
    for begin in range(0, readers, 100):
        numbers = range(begin, min(begin + 100, readers))
        opened = (_stream(process.http, reading[n % TENANTS]) for n in numbers)
        streams += await asyncio.gather(*opened)
    each = (_memory(pid) - before) / readers
    print(f"{readers} streams: {each * readers / _KIB:.0f} MiB, {each:.1f} KiB each")
    url = writing.stack.database_url
    in_use = await asyncio.to_thread(_in_use, url)
    print(f"connections to the database in use: {in_use}")
    used = _processor(pid)
    await asyncio.sleep(_IDLE_SECONDS)
    share = (_processor(pid) - used) / _IDLE_SECONDS
    print(f"processor in use while they wait: {share:.1%} of a core")
    beside = await _writes(process.http, writing, WRITES)
    told_too = await _writes(process.http, reading[-1], TOLD_WRITES)
    for name, times in (("alone", alone), ("beside them", beside)):
        _tell(f"writes {name}", times)
    _tell(f"writes that {readers // TENANTS} readers are told of", told_too)
    began = time.monotonic()
    asked = [e for n, (e, _) in enumerate(streams) if n % TENANTS != TENANTS - 1]
    told = [asyncio.create_task(_told(reader)) for reader in asked]
    for tenant in reading[:-1]:  # the last one's readers were told before
        await _writes(process.http, tenant, 1)
    _tell("all are told", [each - began for each in await asyncio.gather(*told)])
    for _, writer in streams:
        writer.close()


def _in_use(url: str) -> int:
    """How many connections run a statement now, besides this one."""
    sql = (
        "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )

    async def count(database: Any) -> int:
        row = await database.row(sql)
        return int(row[0])

    return administer(url, count)


def _memory(pid: int) -> int:
    """The memory of a process, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1])


def _processor(pid: int) -> float:
    """The time of a processor that a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _head(method: str, path: str, tenant: Tenant) -> str:
    token = tenant.tokens["owner"]
    return (
        f"{method} /v1{path} HTTP/1.1\r\nHost: here\r\nVersion: 2026-11-01\r\n"
        f"Authorization: Bearer {token}\r\n"
    )


async def _stream(address: str, tenant: Tenant) -> Any:
    """An open stream that has been told its first cursor."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"{_head('GET', '/changes/stream', tenant)}\r\n".encode())
    await reader.readuntil(b"still here\n")
    return reader, writer


async def _told(reader: Any) -> float:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await reader.readuntil(b"event: company.created\n")
    return time.monotonic()


async def _writes(address: str, tenant: Tenant, number: int) -> list[float]:
    """Writes one after the other, on one connection; the seconds of each."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    body = '{"name":"Acme"}'
    head = _head("POST", "/companies", tenant)
    request = (
        f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"\r\n{body}"
    ).encode()
    times = []
    for _ in range(number):
        began = time.monotonic()
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = answer.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
        await reader.readexactly(int(length))
        times.append(time.monotonic() - began)
    writer.close()
    return times


def _tell(name: str, times: Sequence[float]) -> None:
    marks = statistics.quantiles(times, n=100)
    print(f"{name}: p50 {marks[49] * 1e3:.1f} ms, p99 {marks[98] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
