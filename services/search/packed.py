"""A page of records that stays bytes until somebody looks into it.

Over HTTP a page is written as JSON from its bytes, over a socket the bytes are sent. To
make messages of them in between would take longer than either.
"""

from collections.abc import Sequence
from typing import Any, Final

from google.protobuf.message import Message


class PackedPage:
    """The answer of a search in two serialized parts: its records, and its `meta`.

    It has the attributes of the answer's message. The first one that is asked for makes
    the message, which counts from then on: it may be changed. There are neither records
    that come along nor missing ones.
    """

    __slots__ = ("_data", "_message", "_response")

    expanded: Final[Sequence[Any]] = ()
    missing: Final[Sequence[int]] = ()

    def __init__(self, response: type[Message], data: bytes) -> None:
        self._response, self._data = response, data
        self._message: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._message is None:
            self._message = self._response.FromString(self._data)
        return getattr(self._message, name)

    def SerializeToString(self) -> bytes:
        """The message, serialized."""
        if self._message is None:
            return self._data
        return bytes(self._message.SerializeToString())
