"""Starts: how long `serve` takes to be ready on a data folder that has been used."""

import tempfile
import time
from pathlib import Path

from tests.stacks import start

STARTS = 5


def starts() -> list[float]:
    """Seconds from the command to its `ready` line, PostgreSQL's start included.

    The folder has the demonstration data; each start follows a clean end.
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
