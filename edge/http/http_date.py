"""The `Date` header; a server with a clock must send it (RFC 9110 §6.6.1)."""

import time
from email.utils import formatdate
from functools import lru_cache


def http_date() -> str:
    """The current second in HTTP's format."""
    return _written(int(time.time()))


@lru_cache(maxsize=2)
def _written(second: int) -> str:
    return formatdate(second, usegmt=True)
