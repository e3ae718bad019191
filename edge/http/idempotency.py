"""The HTTP side of idempotency keys: the request's header, and that of a replay.

The services implement what a key means; see the contract, section 6.
"""

import re

from edge.problems import ProblemError

REPLAYED_HEADER = "Idempotent-Replayed"

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_key(headers: list[str]) -> str | None:
    """The key of a request, or None if it has none.

    Args:
        headers: The values of all `Idempotency-Key` headers.

    Raises:
        ProblemError: BAD_REQUEST if there are several, or one is malformed.
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
