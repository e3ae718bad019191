"""Readers that wait take no room from others, and a server that ends lets them go."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.crm.v1.changes_pb2_grpc import ChangeServiceStub

from tests import stacks
from tests.client import Answer, Client
from tests.harness.wire.events import streaming
from tests.harness.wire.grpc_calls import bearer
from tests.stacks import Process
from tests.world import Tenant

# Far more readers than requests that may be under way.
READERS, FEW = 8, {"PROSPECTCONNECT_MAX_IN_FLIGHT": "4"}
LONG = 20


@pytest.fixture
def server(tenant: Tenant, tmp_path: Path) -> Iterator[Process]:
    """A server of its own on the database of a tenant."""
    database = ("--database-url", tenant.stack.database_url)
    folder = ("--data-dir", str(tmp_path))
    ports = ("--http-port", "0", "--grpc-port", "0")
    process = stacks.start("serve", *database, *folder, *ports, env=FEW)
    try:
        yield process
    finally:
        if process.handle.poll() is None:
            process.stop()


def _wait(address: str, token: str, answers: list[Answer]) -> None:
    client = Client(address, token=token)
    answers.append(client.post("/changes/read", {"wait_seconds": LONG}))
    client.close()


def test_readers_take_no_room_and_leave_at_the_end(
    server: Process, tenant: Tenant
) -> None:
    token, answers = tenant.tokens["owner"], list[Answer]()
    waiting = [
        threading.Thread(target=_wait, args=(server.http, token, answers))
        for _ in range(READERS)
    ]
    with ExitStack() as opened:
        channel = opened.enter_context(grpc.insecure_channel(server.grpc))
        call: Any = ChangeServiceStub(channel).WatchChanges(
            pb.WatchChangesRequest(), metadata=bearer(token), timeout=LONG
        )
        assert next(call).cursor
        streams = [
            opened.enter_context(streaming(server.http, token)) for _ in range(READERS)
        ]
        for each in streams:
            assert "retry" in each.block()
        for thread in waiting:
            thread.start()
        client = Client(server.http, token=token)
        for _ in range(READERS):
            assert client.get("/me").status == 200
        client.close()
        began = time.monotonic()
        assert server.stop() == 0
        # They end by themselves: nobody's time was waited for, nothing was cut.
        assert time.monotonic() - began < LONG / 2
        for thread in waiting:
            thread.join()
        for each in streams:
            assert b"problem" not in each.rest()
        with pytest.raises(grpc.RpcError) as ended:
            next(call)
    assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
    assert [each.status for each in answers] == [200] * READERS
