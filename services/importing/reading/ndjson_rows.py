"""Rows of NDJSON: a JSON value in each line, the body of a single request."""

from services.importing.reading.lines import MOST_BYTES, Lines
from services.importing.reading.rows import Empty, Row
from services.importing.transcoding import Transcoder
from services.imports.rejected import PROBLEM

_TOO_LONG = f"The row has more than {MOST_BYTES:,} bytes."
_MARK = b"\xef\xbb\xbf"


class NdjsonRows:
    """Reads the rows; `number` rows came before."""

    def __init__(self, lines: Lines, transcoder: Transcoder, number: int = 0) -> None:
        self.lines, self.number = lines, number
        self._transcoder, self._empty = transcoder, Empty()

    async def take(self, most: int) -> list[Row]:
        """The next rows; see `Reader`. Raises `ContentError`."""
        found = list[Row]()
        while len(found) < most:
            line = await self.lines.take()
            if line is None:
                break
            data = line.data
            if not self.number:
                data = data.removeprefix(_MARK)
            if not data.strip():
                if self._empty.add():
                    break
                continue
            self.number += 1
            self._empty.end()
            if line.is_cut:
                found.append(Row(self.number, data, line.end, fault=_TOO_LONG))
                continue
            value, problem = self._transcoder.parse(data)
            if type(value) is dict:
                value.pop(PROBLEM, None)
            row = Row(self.number, data, line.end, value=value, problem=problem)
            found.append(row)
        return found
