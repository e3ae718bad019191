"""The range of a file that a request asks for (RFC 9110, sections 13.1.5 and 14).

One range is honoured. Several of them, and what is no range, are as if nothing was
asked: the answer is then the whole file, which the RFC allows.
"""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"[ \t]*bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.I)
# Beyond the end of any file.
_MOST, _MOST_DIGITS = 2**62, 18


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes of a file: from `first` to `last`, both included; None for its end.

    Without `first` the range is the last `last` bytes.
    """

    first: int | None
    last: int | None

    def within(self, size: int) -> tuple[int, int] | None:
        """The first byte of the range and the one after it, in a file of a size.

        None if the file has none of its bytes.
        """
        if self.first is None:
            length = min(self.last or 0, size)
            return (size - length, size) if length else None
        if self.first >= size:
            return None
        end = size if self.last is None else min(self.last + 1, size)
        return self.first, end


def read_range(headers: list[str]) -> Range | None:
    """The range in a request's `Range` headers, None for the whole file."""
    found = _RANGE.fullmatch(headers[0]) if len(headers) == 1 else None
    if found is None:
        return None
    first, last = map(_number, found.groups())
    if first is None and last is None:
        return None
    if first is not None and last is not None and last < first:
        return None
    return Range(first, last)


def _number(text: str) -> int | None:
    """The number that digits write, of any length. None for no digits."""
    digits = text.lstrip("0") or text[:1]
    if len(digits) > _MOST_DIGITS:
        return _MOST
    return int(digits) if digits else None


def is_same(if_range: list[str], etag: str) -> bool:
    """Whether a range is to be sent: `If-Range` names the file's tag, or is not there.

    A date names none, since no answer has one.
    """
    return not if_range or if_range == [f'"{etag}"']
