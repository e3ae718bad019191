"""The relay as it is started: `prospectconnect relay`, stopped and killed."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.postgres.database import Database
from tests.end_to_end.relay.following import messages, new_tenant
from tests.end_to_end.relay.test_relay import create, rename, versions
from tests.harness.wire import nats_server
from tests.rounds import rounds
from tests.stacks import PROGRAM

pytestmark = pytest.mark.needs_program(nats_server.PROGRAM)


@contextmanager
def started(url: str, database_url: str) -> Iterator[subprocess.Popen[str]]:
    """A relay that says that it relays. What is left of it is killed."""
    command = [sys.executable, "-m", *PROGRAM, "relay", "--to", url]
    process = subprocess.Popen(
        [*command, "--database-url", database_url], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "relaying\n"
            yield process
        finally:
            process.kill()


def test_a_relay_goes_on_where_one_was_stopped_or_killed(database_url: str) -> None:
    async def scenario(url: str) -> None:
        database = await Database.open(database_url, max_connections=4)
        try:
            call = await new_tenant(database)
            tenant = call.caller.business_id
            with started(url, database_url) as relay:
                contact = await create(database, call, "v1")
                await messages(url, tenant, 1)
                relay.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(relay.wait, 60) == 0
            told = 1
            for _ in range(rounds("RELAY_KILLS")):
                with started(url, database_url) as relay:
                    await rename(database, call, contact, f"v{told + 1}")
                    await messages(url, tenant, told + 1)
                    await rename(database, call, contact, f"v{told + 2}")
                    relay.kill()  # its lease lasts half a minute more
                told += 2
            await rename(database, call, contact, f"v{told + 1}")
            with started(url, database_url):
                found = await messages(url, tenant, told + 1)
            assert versions(found) == [str(n) for n in range(1, told + 2)]
        finally:
            await database.close()

    with nats_server.running() as server:
        asyncio.run(scenario(server.url))
