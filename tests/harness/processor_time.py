"""What a program spends of a processor on one request, however busy the machine is.

It is the time of all its threads, as the kernel counts it in steps of 10 ms. What the
program does by itself now and then counts as well, so a request that seems dear is made
again, and the least counts.
"""

import os
from collections.abc import Callable
from pathlib import Path

# Far more than any request may cost, and far less than one that gets out of hand does.
MOST_SECONDS = 0.25
TRIES = 4

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(pid: int) -> float:
    """The processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def cost(pid: int, request: Callable[[], object]) -> float:
    """What a request costs a process, in seconds."""
    least = float("inf")
    for _ in range(TRIES):
        before = spent(pid)
        request()
        least = min(least, spent(pid) - before)
        if least <= MOST_SECONDS:
            break
    return least
