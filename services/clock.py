"""Time as the services count it: Unix microseconds."""

import time

from google.protobuf.timestamp_pb2 import Timestamp

SECOND = 1_000_000
DAY = 86_400 * SECOND


def now() -> int:
    """This moment."""
    return time.time_ns() // 1_000


def to_timestamp(moment: int) -> Timestamp:
    """A moment as a protobuf timestamp."""
    seconds, microseconds = divmod(moment, SECOND)
    return Timestamp(seconds=seconds, nanos=microseconds * 1_000)


def from_timestamp(stamp: Timestamp) -> int:
    """A protobuf timestamp as a moment; nanoseconds are cut off."""
    return stamp.seconds * SECOND + stamp.nanos // 1_000
