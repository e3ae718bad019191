"""The time of a start: until `serve` is ready on an existing data folder."""

import tempfile
import time
from pathlib import Path

from tests.stacks import start

STARTS = 5


def starts() -> list[float]:
    """Seconds from the command to its `ready` line, including PostgreSQL's start.

    The folder contains the demonstration data; each start follows a regular end.
    """
    with tempfile.TemporaryDirectory(prefix="pc-start-") as folder:
        _timed(Path(folder))
        return [_timed(Path(folder)) for _ in range(STARTS)]


def _timed(folder: Path) -> float:
    began = time.perf_counter()
    ports = ("--http-port", "0", "--grpc-port", "0")
    process = start("serve", "--data-dir", str(folder), *ports)
    took = time.perf_counter() - began
    assert process.stop() == 0
    return took
