"""Starts the measured programs: the product as its users start it, and each peer.

A call returns when its program reports that it is ready.
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
    """The product with all gates on; its rate limits are in a separate folder."""
    folder = ("--data-dir", str(rows.folder / f"product-{workers}"))
    ports = ("--http-port", "0", "--grpc-port", "0", "--workers", str(workers))
    database = ("--no-demo", "--database-url", rows.url)
    return start("serve", *folder, *ports, *database, env=_QUIET)


def bare_sanic(rows: Rows, product_http: str, workers: int = 1) -> list[Process]:
    """Bare Sanic; its answers have a cursor from the product.

    Workers share a port like the product's. Sanic's own workers would share a socket,
    from which the first of them accepts most connections.
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
    """FastAPI on its own tables, which get the rows of both tenants."""
    copy_tenants(rows.url, [rows.read.business_id, rows.written.business_id])
    program = ("tests.bench.peers.fastapi_orm.app",)
    return start("--database-url", rows.url, program=program)


def envoy(rows: Rows) -> list[Process]:
    """Envoy, and the product's services behind it."""
    given = ("--grpc-port", "0", "--database-url", rows.url)
    services = start("services", *given, env=_QUIET)
    return [start_envoy(rows.folder, services.grpc), services]
