"""When mail is tried again, and when it is given up."""

from services.clock import HOUR, SECOND

_MINUTE = 60 * SECOND
# How long after each failed attempt the next one is made; the last one repeats.
PAUSES = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, 60 * _MINUTE)
# Mail is tried no longer than this after its first attempt.
LONGEST = 24 * HOUR


def next_due(begun: int, attempts: int, moment: int) -> int | None:
    """When mail is tried again after an attempt that failed at a moment.

    None: it is given up. `begun` is when the first attempt began, `attempts` how many
    were made. The last attempt comes at the end of the time.
    """
    end = begun + LONGEST
    if moment >= end:
        return None
    return min(end, moment + PAUSES[min(attempts, len(PAUSES)) - 1])
