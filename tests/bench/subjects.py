"""The measured subjects: the product and its peers, each with its own processes.

All run at the same time on one machine and one PostgreSQL; each is idle while it is not
measured.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.bench import operations as op
from tests.bench import programs
from tests.bench.peers.envoy import is_installed
from tests.bench.rows import Rows
from tests.stacks import Process

PRODUCT = "product"
PRODUCT_BY_TWO = "product, 2 workers"
BARE = "bare Sanic"
BARE_BY_TWO = "bare Sanic, 2 workers"
FASTAPI = "FastAPI + SQLAlchemy ORM"
ENVOY = "Envoy + services"

_READS = (op.GET, op.SEARCH)
_OPERATIONS = {
    PRODUCT: op.OPERATIONS,
    PRODUCT_BY_TWO: _READS,
    BARE: _READS,
    BARE_BY_TWO: _READS,
    FASTAPI: op.COMPARED,
    ENVOY: _READS,
}
NAMES = tuple(_OPERATIONS)


@dataclass(frozen=True, slots=True)
class Subject:
    """A running program: its HTTP address, its processes (with all their descendants),
    and its operations."""

    name: str
    http: str
    processes: tuple[int, ...]
    operations: tuple[str, ...]


def described(name: str, http: str, *processes: int) -> Subject:
    """The subject with a name, an HTTP address and processes."""
    return Subject(name, http, processes, _OPERATIONS[name])


@contextmanager
def started(rows: Rows) -> Iterator[list[Subject]]:
    """Starts all subjects, the product first; Envoy only if it is installed."""
    with ExitStack() as running:

        def run(name: str, *processes: Process) -> Subject:
            for process in processes:
                running.callback(process.stop)
            pids = (process.handle.pid for process in processes)
            return described(name, processes[0].http, *pids)

        product = run(PRODUCT, programs.product(rows))
        found = [
            product,
            run(PRODUCT_BY_TWO, programs.product(rows, 2)),
            run(BARE, *programs.bare_sanic(rows, product.http)),
            run(BARE_BY_TWO, *programs.bare_sanic(rows, product.http, 2)),
            run(FASTAPI, programs.fastapi(rows)),
        ]
        if is_installed():
            found.append(run(ENVOY, *programs.envoy(rows)))
        yield found
