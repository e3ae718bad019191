"""What a very large file costs: its way into the store, and its import by a worker.

`python -m tests.scale.large_files [MIB]` makes a table of so many MiB (1,024 unless
told) whose rows are just below the largest that is read, sends it as one body, and
imports it. It prints the seconds and the most memory of the process that receives it
and of the worker that imports it.
"""

import argparse
import asyncio
import http.client
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from deploy.embedded import postgres
from services.postgres.schema import migrate
from tests import stacks
from tests.client import Client
from tests.end_to_end.imports.sending import begun, ended
from tests.scale.exports import peak
from tests.world import new_tenant

MIB = 1024 * 1024
CELL = b"x" * (MIB - 1_000)  # a row may have a MiB
NO_JOBS = {"PROSPECTCONNECT_RUNS_JOBS": "false"}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mib", nargs="?", type=int, default=1_024)
    mib = parser.parse_args().mib
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(Path(folder) / "data", lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        env = {"PROSPECTCONNECT_FILES": str(Path(folder) / "files")}
        stack = stacks.start(
            *("serve", "--no-demo", "--database-url", url),
            *("--http-port", "0", "--grpc-port", "0"),
            env=env | NO_JOBS,
        )
        tenant = new_tenant(stacks.Stack("together", stack.http, stack.grpc, url))
        try:
            with closing(tenant.client()) as client:
                _measure(client, stack, url, env, mib)
        finally:
            stack.stop()


def _measure(
    client: Client, stack: stacks.Process, url: str, env: dict[str, str], mib: int
) -> None:
    import_id = begun(client)
    Path(f"/proc/{stack.handle.pid}/clear_refs").write_text("5")
    began = time.monotonic()
    _send(client, import_id, mib)
    took = time.monotonic() - began
    print(f"{mib:,} rows of almost a MiB")
    print(f"sent in {took:.0f} s; {peak(stack.handle.pid)} MiB of the process")
    worker = stacks.start("worker", "--database-url", url, env=env)
    began = time.monotonic()
    found: Any = ended(client, import_id)
    took, most = time.monotonic() - began, peak(worker.handle.pid)
    worker.stop()
    counts = f"{found['created']:,} created, {found['failed']:,} failed"
    print(f"{found['state']} in {took:.0f} s: {counts}; {most} MiB of the worker")


def _rows(mib: int) -> Iterator[bytes]:
    yield b"email,junk\n"
    for number in range(mib):
        yield b"p%d@large.example,%b\n" % (number, CELL)


def _send(client: Client, import_id: str, mib: int) -> None:
    """Sends all rows as one body, a row at a time."""
    host, port = client.address.split(":")
    link = http.client.HTTPConnection(host, int(port), timeout=3_600)
    headers: dict[str, str] = {
        "Authorization": f"Bearer {client.token}",
        "Version": str(client.version),
        "Content-Type": "text/csv",
        "Content-Length": str(sum(map(len, _rows(mib)))),
    }
    with closing(link):
        path = f"/v1/imports/{import_id}/content"
        link.request("PUT", path, _rows(mib), headers)
        answer = link.getresponse()
        body = answer.read()
        assert answer.status == 200, body


if __name__ == "__main__":
    main()
