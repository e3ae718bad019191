"""Concurrency: threads that wait for each other and then start at the same moment."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import TypeVar

from tests.client import Client
from tests.world import Tenant

Item = TypeVar("Item")
Result = TypeVar("Result")

_PATIENCE_SECONDS = 180.0


def at_once(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Runs the work for all items concurrently; returns the results in their order."""
    gate = threading.Barrier(len(items))

    def run(item: Item) -> Result:
        gate.wait(_PATIENCE_SECONDS)
        return work(item)

    with ThreadPoolExecutor(len(items)) as threads:
        return list(threads.map(run, items))


@contextmanager
def crowd(tenant: Tenant, count: int) -> Iterator[list[Client]]:
    """`count` clients of a tenant's owner, each with an open connection."""
    with ExitStack() as opened:
        clients = [opened.enter_context(closing(tenant.client())) for _ in range(count)]
        for client in clients:
            assert client.get("/me").status == 200
        yield clients
