"""Ids: a type prefix and 24 lower-case hexadecimal digits.

The first 8 digits are the second in which the id was made, so that indexes stay dense.
The other 16 are random, so that nobody can guess an id.
"""

import os
import re
import time

_DIGITS = re.compile(r"[0-9a-f]{24}")


def new_id(prefix: str, at: float | None = None) -> str:
    """Creates an id. `prefix` ends with `_`; `at` is Unix time, by default now."""
    second = int(time.time() if at is None else at) & 0xFFFFFFFF
    return f"{prefix}{second:08x}{os.urandom(8).hex()}"


def is_id(prefix: str, text: str) -> bool:
    """Whether a text has the form of an id with `prefix`."""
    return text.startswith(prefix) and _DIGITS.fullmatch(text, len(prefix)) is not None
