"""The program, which reports its objects on a signal.
`python -m tests.harness.programs.census_program FILE FAULT ARGUMENT...` runs the
command line, with a planted fault unless `FAULT` is `-`. On SIGWINCH it collects
garbage and writes to `FILE` the number of objects of each type, and of tasks that have
not ended. The cache of tokens is smaller than usual, so that tests fill it.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.commands.command_line import main
from services.iam import access
from tests.harness.database.row_lock import until
from tests.harness.programs.faulty_program import FAULTS

NO_FAULT = "-"

_REMEMBERED = 20
_PATIENCE_SECONDS = 180.0


def program(file: Path, fault: str = NO_FAULT) -> tuple[str, ...]:
    """The command that `tests.stacks.start` runs instead of the product."""
    return (__spec__.name, str(file), fault)


@dataclass(frozen=True, slots=True)
class Census:
    """The state of a process: objects by type, tasks, descriptors, and MiB in RAM."""

    objects: Mapping[str, int]
    tasks: int
    descriptors: int
    resident: float

    @property
    def total(self) -> int:
        """The number of all objects."""
        return sum(self.objects.values())


def take(pid: int, file: Path) -> Census:
    """Requests a census from a process."""
    file.unlink(missing_ok=True)
    os.kill(pid, signal.SIGWINCH)
    until(file.exists, _PATIENCE_SECONDS)
    told = json.loads(file.read_text())
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text().split()[1])
    return Census(
        told["objects"],
        told["tasks"],
        len(list((process / "fd").iterdir())),
        pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
    )


def _write(file: Path) -> None:
    gc.collect()
    objects = gc.get_objects()
    counts = Counter(f"{type(o).__module__}.{type(o).__qualname__}" for o in objects)
    tasks = [o for o in objects if isinstance(o, asyncio.Task) and not o.done()]
    whole = file.with_suffix(".new")
    whole.write_text(json.dumps({"objects": counts, "tasks": len(tasks)}))
    whole.rename(file)


def _run() -> None:
    file, fault = Path(sys.argv.pop(1)), sys.argv.pop(1)
    if fault != NO_FAULT:
        FAULTS[fault]()
    access.MOST_REMEMBERED = _REMEMBERED
    signal.signal(signal.SIGWINCH, lambda *_: _write(file))
    main()


if __name__ == "__main__":
    _run()
