"""The processor time of a program for one request, also on a busy machine.

It is the time of all its threads, which the kernel counts in steps of 10 ms. It also
includes the program's periodic work, and a moment in which the machine stood still. So
an expensive request is repeated, after longer and longer pauses, and the smallest value
counts.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

# Far more than any request may cost, and far less than the cost of a planted fault.
MOST_SECONDS = 0.25
PAUSES = (0.0, 0.1, 0.4, 1.6, 6.4)  # seconds before each try

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(pid: int) -> float:
    """The processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cost(pid: int, request: Callable[[], object]) -> float:
    """The processor time of a request in a process, in seconds."""
    return least(lambda: spent(pid), request)


def least(meter: Callable[[], float], request: Callable[[], object]) -> float:
    """What a request adds to a meter at least in some tries, in seconds."""
    found = float("inf")
    for pause in PAUSES:
        time.sleep(pause)
        before = meter()
        request()
        found = min(found, meter() - before)
        if found <= MOST_SECONDS:
            break
    return found
