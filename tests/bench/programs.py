"""Starts what is measured: the product as its users start it, and each peer.

A call returns when its program says that it is ready.
"""

from functools import partial

from tests.bench import operations as op
from tests.bench.peers.envoy import start_envoy
from tests.bench.peers.fastapi_orm.copying import copy_tenants
from tests.bench.rows import Rows
from tests.harness.wire import raw_http
from tests.stacks import Process, start

_QUIET = {"PROSPECTCONNECT_LOG_REQUESTS": "false"}


def product(rows: Rows, workers: int = 1) -> Process:
    """The product with every gate on; its rate limits are in a folder of its own."""
    folder = ("--data-dir", str(rows.folder / f"product-{workers}"))
    ports = ("--http-port", "0", "--grpc-port", "0", "--workers", str(workers))
    database = ("--no-demo", "--database-url", rows.url)
    return start("serve", *folder, *ports, *database, env=_QUIET)


def bare_sanic(rows: Rows, product_http: str, workers: int = 1) -> list[Process]:
    """Sanic alone; its answers have the cursor that the product gives.

    Workers share a port as the product's do. Sanic's own share a socket, from which
    the first of them takes most connections.
    """
    page = raw_http.exchange(product_http, op.search(rows))
    assert page is not None
    begin = partial(
        start,
        *("--database-url", rows.url, "--business-id", rows.read.business_id),
        *("--cursor", page.json["meta"]["cursor"]["next"]),
        program=("tests.bench.peers.bare_sanic",),
    )
    first = begin()
    port = first.http.rpartition(":")[2]
    return [first, *(begin("--port", port) for _ in range(1, workers))]


def fastapi(rows: Rows) -> Process:
    """FastAPI on tables of its own, which get the rows of both tenants."""
    copy_tenants(rows.url, [rows.read.business_id, rows.written.business_id])
    program = ("tests.bench.peers.fastapi_orm.app",)
    return start("--database-url", rows.url, program=program)


def envoy(rows: Rows) -> list[Process]:
    """Envoy, and the product's services behind it."""
    given = ("--grpc-port", "0", "--database-url", rows.url)
    services = start("services", *given, env=_QUIET)
    return [start_envoy(rows.folder, services.grpc), services]
