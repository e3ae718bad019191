"""A page of records that stay bytes until somebody looks into them.

Over HTTP a page is written as JSON from its bytes, over a socket the bytes are sent. To
make messages of them in between would take longer than either.
"""

from collections.abc import Sequence
from typing import Any

from services.postgres.database import Row


class PackedPage:
    """The answer of a search in two parts: its records, serialized, and all the rest.

    It has the attributes of the answer's message. The first one that is asked for
    records makes messages of them, which count from then on: they may be changed.
    `rows` are those of the records, for what was selected beside them.
    """

    __slots__ = ("_message", "_records", "rows")

    def __init__(self, message: Any, records: bytes, rows: Sequence[Row] = ()) -> None:
        self._message, self._records, self.rows = message, records, rows

    @property
    def meta(self) -> Any:
        """Where the next page begins, and how many records there are."""
        return self._message.meta

    @property
    def expanded(self) -> Any:
        """The records that come along."""
        return self._message.expanded

    @property
    def missing(self) -> Sequence[int]:
        """The places without a record: there are none in a page."""
        return ()

    def __getattr__(self, name: str) -> Any:
        if self._records:
            self._message.MergeFromString(self._records)
            self._records = b""
        return getattr(self._message, name)

    def SerializeToString(self) -> bytes:
        """The message, serialized."""
        return self._records + bytes(self._message.SerializeToString())
