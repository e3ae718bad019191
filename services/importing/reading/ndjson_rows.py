"""Rows of NDJSON: a JSON value in each line, the body of a single request."""

from services.importing.reading.lines import MOST_BYTES, Lines
from services.importing.reading.rows import Row
from services.importing.transcoding import Transcoder
from services.imports.rejected import PROBLEM
from services.pauses import Pauses

_TOO_LONG = f"The row has more than {MOST_BYTES:,} bytes."
_MARK = b"\xef\xbb\xbf"


class NdjsonRows:
    """Reads the rows; `number` rows came before."""

    def __init__(self, lines: Lines, transcoder: Transcoder, number: int = 0) -> None:
        self._lines, self._transcoder = lines, transcoder
        self._number = number

    async def take(self, most: int) -> list[Row]:
        """The next rows, none at the end. Raises `ContentError`."""
        found, pauses = list[Row](), Pauses()
        while len(found) < most:
            line = await self._lines.take()
            if line is None:
                break
            data = line.data
            if not self._number:
                data = data.removeprefix(_MARK)
            if not data.strip():
                continue
            self._number += 1
            await pauses.between()
            if line.is_cut:
                found.append(Row(self._number, data, line.end, fault=_TOO_LONG))
                continue
            value, problem = self._transcoder.parse(data)
            if type(value) is dict:
                value.pop(PROBLEM, None)
            row = Row(self._number, data, line.end, value=value, problem=problem)
            found.append(row)
        return found
