"""The version of a record: the etag that a client read, and the next one."""

from typing import Any

from services.clock import from_timestamp, now, to_timestamp
from services.errors import EtagMismatch

ANY = "*"


def next_moment(record: Any) -> int:
    """The moment of a record's next change, later than that of its last."""
    return max(now(), from_timestamp(record.updated_at) + 1)


def advance(before: Any, after: Any) -> None:
    """Sets the time and the version of a record's new state."""
    moment = next_moment(before)
    after.updated_at.CopyFrom(to_timestamp(moment))
    after.etag = str(int(before.etag) + 1)


def check_etag(record: Any, etag: str) -> None:
    """Raises `EtagMismatch` if etags are given and the record has none of them.

    `ANY` is the etag of every record.
    """
    if etag and etag != ANY and f",{record.etag}," not in f",{etag},":
        raise EtagMismatch
