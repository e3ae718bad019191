"""When a delivery is tried again, and when it is given up."""

import random
from email.utils import parsedate_to_datetime

from services.clock import DAY, SECOND

_MINUTE, _HOUR = 60, 3_600
# How long after each failed attempt the next one is made.
PAUSES_SECONDS = (
    5,
    30,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    20 * _HOUR,
)
MOST_ATTEMPTS = len(PAUSES_SECONDS) + 1
# A delivery is tried no longer than this after it was begun.
LONGEST = 72 * _HOUR * SECOND
# A webhook ends after so long a time with nothing but failures.
FAILS_LONGEST = 5 * DAY
# Each pause is shorter or longer by as much as this share, so that deliveries which
# failed together do not come together again.
JITTER = 0.1

_JITTER = random.SystemRandom()


def next_due(
    begun: int, attempts: int, moment: int, retry_after: float | None
) -> int | None:
    """When a delivery is tried again after an attempt that failed at a moment.

    None: it is given up. `begun` is when it was made, `attempts` how many were made,
    `retry_after` how many seconds the receiver wants to have peace.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    pause = PAUSES_SECONDS[max(attempts, 1) - 1] * _JITTER.uniform(
        1 - JITTER, 1 + JITTER
    )
    end = begun + LONGEST
    if moment >= end:
        return None
    # The last one comes at the end, even if the receiver asks for a later time.
    return min(end, moment + round(max(pause, retry_after or 0.0) * SECOND))


def read_retry_after(text: str, unix_seconds: float) -> float | None:
    """The seconds that a header `Retry-After` asks for; None if it cannot be read."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - unix_seconds)
    except (ValueError, OverflowError, TypeError):
        return None
