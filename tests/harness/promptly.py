"""Conditions that must become true within a time, also on a busy machine."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable

_WORK = "for _ in range(10_000_000): pass"


def within(seconds: float, ask: Callable[[], object]) -> bool:
    """Whether a condition is true after `seconds` at the latest.

    The condition is checked repeatedly until it is true. A false result counts only if
    its check began after the time was over: on a busy machine, the result of an earlier
    check may come late, and shows an earlier state.
    """
    over = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        if ask():
            return True
        if asked >= over:
            return False


def in_time(took: float, seconds: float) -> bool:
    """Whether a promise for a machine at rest was kept, on one that is busy as well.

    The time that something took counts against twice the time that the machine, as it
    is now, needs for the seconds that were promised.
    """
    return took < seconds or took < 2 * seconds * slowness()


def slowness() -> float:
    """How many times longer than at rest a process takes now: at least 1."""
    began, before = time.monotonic(), _of_children()
    subprocess.run([sys.executable, "-c", _WORK], check=True)
    return max(1.0, (time.monotonic() - began) / (_of_children() - before))


def _of_children() -> float:
    """The processor's time that ended children have had, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
