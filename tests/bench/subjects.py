"""What is measured: the product and its peers, each as processes of its own.

All run at once on one machine and one PostgreSQL, and rest while it is not their turn.
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
    """A running program: where it answers HTTP, the processes that (with all below
    them) are the whole of it, and what it is asked."""

    name: str
    http: str
    processes: tuple[int, ...]
    operations: tuple[str, ...]


def described(name: str, http: str, *processes: int) -> Subject:
    """The subject with a name, which answers at `http` by such processes."""
    return Subject(name, http, processes, _OPERATIONS[name])


@contextmanager
def started(rows: Rows) -> Iterator[list[Subject]]:
    """Starts all subjects, the product first; Envoy only where it is installed."""
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
