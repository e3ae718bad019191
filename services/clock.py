"""Time as the services count it: moments, microseconds since 2000-01-01 in UTC.

PostgreSQL counts so too; a moment goes to the database and comes back as it is.
"""

import time
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
EPOCH_SECONDS = 946_684_800  # in Unix time

SECOND = 1_000_000
DAY = 86_400 * SECOND

_EPOCH_MICROSECONDS = EPOCH_SECONDS * SECOND


def now() -> int:
    """This moment."""
    return time.time_ns() // 1_000 - _EPOCH_MICROSECONDS


def to_timestamp(moment: int) -> Timestamp:
    """A moment as a protobuf timestamp."""
    seconds, microseconds = divmod(moment, SECOND)
    return Timestamp(seconds=seconds + EPOCH_SECONDS, nanos=microseconds * 1_000)


def from_timestamp(stamp: Timestamp) -> int:
    """A protobuf timestamp as a moment; nanoseconds are cut off."""
    return (stamp.seconds - EPOCH_SECONDS) * SECOND + stamp.nanos // 1_000
