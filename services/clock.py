"""Moments: the time in microseconds since 2000-01-01 UTC.

PostgreSQL stores timestamps in this form, so moments need no conversion. A sandbox may
be ahead of the real time: `now` is the time of the tenant that the running task works
for, and `real_now` that of all others, which tokens, keys and usage keep.
"""

import time
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_SECONDS = 946_684_800  # in Unix time

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 86_400 * SECOND

_EPOCH_MICROSECONDS = EPOCH_SECONDS * SECOND

# How many microseconds the tenant of the running task is ahead of the real time: 0 for
# all but sandboxes whose clock was moved. What begins to work for a tenant sets it.
AHEAD: ContextVar[int] = ContextVar("ahead", default=0)


def now() -> int:
    """Returns the current moment, as the tenant of the running task sees it."""
    return time.time_ns() // 1_000 - _EPOCH_MICROSECONDS + AHEAD.get()


def real_now() -> int:
    """Returns the current moment, whatever a sandbox's clock says."""
    return time.time_ns() // 1_000 - _EPOCH_MICROSECONDS


def ahead_sql(number: int) -> str:
    """SQL of the tenant's present time; `AHEAD` is the value of that number."""
    return f"(now() + ${number}::bigint * interval '1 microsecond')"


def rfc3339(moment: int) -> str:
    """Writes a moment as public JSON has it."""
    text = (EPOCH + timedelta(microseconds=moment)).isoformat()
    text = text.removesuffix("+00:00")
    return f"{text.rstrip('0') if '.' in text else text}Z"


def to_timestamp(moment: int) -> Timestamp:
    """Converts a moment to a protobuf timestamp."""
    seconds, microseconds = divmod(moment, SECOND)
    return Timestamp(seconds=seconds + EPOCH_SECONDS, nanos=microseconds * 1_000)


def from_timestamp(stamp: Timestamp) -> int:
    """Converts a protobuf timestamp to a moment; cuts nanoseconds off."""
    return (stamp.seconds - EPOCH_SECONDS) * SECOND + stamp.nanos // 1_000
