"""The product as `serve` runs it on a folder, with the embedded PostgreSQL in it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests import stacks
from tests.harness.database.own_postgres import own_postgres
from tests.harness.database.ready_made import ready_made
from tests.stacks import Stack


@contextmanager
def serving(data_dir: Path, env: Mapping[str, str]) -> Iterator[Stack]:
    """Runs it until the block ends. The test may use the database during that time."""
    ready_made(data_dir)
    settings = {**stacks.UNLIMITED, "PROSPECTCONNECT_LOG_REQUESTS": "false", **env}
    arguments = ("--no-demo", "--http-port", "0", "--grpc-port", "0")
    place = ("--data-dir", str(data_dir))
    process = stacks.start("serve", *arguments, *place, env=settings)
    try:
        with own_postgres(data_dir) as server:
            yield Stack("together", process.http, process.grpc, server.url)
    finally:
        assert process.stop() == 0
