"""Idempotency keys, as far as HTTP goes: the form of the header, and the replay's.

What a key means is the services' business; see the contract's section 6.
"""

import re

from edge.problems import ProblemError

REPLAYED_HEADER = "Idempotent-Replayed"

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(headers: list[str]) -> str | None:
    """The key of a request, or None when it has none.

    Args:
        headers: The values of all `Idempotency-Key` headers.

    Raises:
        ProblemError: BAD_REQUEST when there are several, or it is malformed.
    """
    if not headers:
        return None
    if len(headers) > 1:
        raise ProblemError("BAD_REQUEST", "Idempotency-Key must be given once.")
    key = headers[0].strip(" \t")
    if not _KEY.fullmatch(key):
        detail = "Idempotency-Key must be 1 to 255 visible ASCII characters."
        raise ProblemError("BAD_REQUEST", detail)
    return key
