"""Leaves out the values of a filter that are too long to match any record.

They never reach PostgreSQL. To fold a text of a megabyte there takes a second, and it
is folded again in each statement of a search.
"""

from collections.abc import Iterable
from typing import TypeVar

V = TypeVar("V")


def not_longer(values: Iterable[V], most: int) -> list[V]:
    """Returns the values without the texts of more than `most` characters.

    `most` is the maximum of the field, 0 if it has none. A text has as many characters
    in lower case, so a longer one never equals, begins or is part of a stored text.
    """
    return [v for v in values if not (most and isinstance(v, str) and len(v) > most)]
