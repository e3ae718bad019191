"""Conditions that must become true within a time, also on a busy machine."""

import time
from collections.abc import Callable


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
