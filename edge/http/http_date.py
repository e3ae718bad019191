"""The `Date` header, which an answer of a server with a clock has (RFC 9110 §6.6.1)."""

import time
from email.utils import formatdate
from functools import lru_cache


def http_date() -> str:
    """This second as HTTP writes it."""
    return _written(int(time.time()))


@lru_cache(maxsize=2)
def _written(second: int) -> str:
    return formatdate(second, usegmt=True)
