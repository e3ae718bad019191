"""py-spy at work: it looks into a process many times a second, while that is busy.

Only what holds the interpreter's lock is recorded. An event loop that has just been
woken looks busy as long as it waits for the core, which the profiler has.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.profiling.cores import on

RATE = 500  # looks in a second
LOAD_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Profiler:
    """py-spy for a process, on these cores, for so many seconds at a time."""

    pid: int
    cores: set[int]
    seconds: int

    def record(
        self, file: Path, keep_busy: Callable[[float], object], *flags: str
    ) -> None:
        """Writes what the process does while `keep_busy` is called, to a file.

        Exits with the words of py-spy when it may not look.
        """
        program = Path(sys.executable).with_name("py-spy")
        limits = ("--duration", str(self.seconds), "--rate", str(RATE))
        place = ("--pid", str(self.pid), "--output", str(file))
        with on(self.cores):
            spy = subprocess.Popen(
                [program, "record", "--gil", "--function", *place, *limits, *flags],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        with spy:
            while spy.poll() is None:
                keep_busy(LOAD_SECONDS)
            _, said = spy.communicate()
        if spy.returncode:
            sys.exit(f"py-spy cannot record: {said}")
