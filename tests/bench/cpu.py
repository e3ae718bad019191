"""The processor time of programs: user and system, of all their threads and child
processes, in nanoseconds. It needs Linux.
"""

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> Mapping[int, float]:
    """The processor seconds of a process and of all its descendants, by process id.

    The time of children that have ended counts for their parent.
    """
    return {pid: _clock(pid) + _of_the_gone(pid) for pid in _tree(root)}


def _clock(pid: int) -> float:
    """Reads a process's own clock.

    `clock_getcpuclockid(3)` makes the id of that clock from the process id.
    """
    return time.clock_gettime((~pid << 3) | 2)


def _of_the_gone(pid: int) -> float:
    """The time of ended children that the process has waited for."""
    user, system = _stat(pid)[13:15]
    return (int(user) + int(system)) / _TICKS


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").iterdir():
        if path.name.isdecimal():
            try:
                parent = int(_stat(int(path.name))[1])
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            children[parent].append(int(path.name))
    found = [root]
    for pid in found:  # the list grows during the loop
        found += children[pid]
    return found


def _stat(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` (proc_pid_stat(5)) from the third, `state`, on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
