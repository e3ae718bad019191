"""The file of rejected rows: as they were sent, each with its problem.

It is written when somebody asks for it first, and deleted with the import's rows.
"""

import csv
import io
import re
from collections.abc import AsyncIterator
from typing import Any

import orjson
from prospectconnect.jobs.v1 import imports_pb2 as pb
from prospectconnect.type.v1.files_pb2 import FilePiece

from services.caller import Caller
from services.errors import WrongState
from services.files.stores import FileMissing, Files, StoreUnavailable
from services.imports import statements as sql
from services.imports.checks import charset_of
from services.imports.contents import folder_of
from services.kinds.matching import ID
from services.postgres.database import Database

PROBLEM = "_problem"
_OLD = re.compile(rb'\{\s*"_problem"\s*:\s*"(?:[^"\\]|\\.)*+"\s*(?:,|(?=\}))')
_AT_ONCE = 1_000
_ATTEMPTS = 3
_MOST_LENGTH = 1024 * 1024
_MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe", "utf-16-le": b"\xff\xfe"}


class Rejected:
    """The files of rejected rows of all imports."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database, self._files = database, files

    async def read(
        self, caller: Caller, found: pb.Import, request: pb.GetImportErrorsRequest
    ) -> FilePiece:
        """A piece of the file. Raises `WrongState` until the import has ended."""
        if found.state <= pb.IMPORT_STATE_RUNNING:
            raise WrongState("The import has not ended.")
        is_csv = _is_csv(found)
        name = f"{folder_of(caller.business_id, found.id)}errors"
        length = min(max(request.length, 0), _MOST_LENGTH)
        offset = max(request.offset, 0)
        try:
            described = orjson.loads(await self._files.piece(f"{name}.json", 0, 1_000))
            data = await self._piece(name, offset, length)
        except FileMissing:
            described = await self._write(caller.business_id, found, name)
            try:
                data = await self._piece(name, offset, length)
            except FileMissing as error:  # deleted once more
                raise StoreUnavailable from error
        return FilePiece(
            data=data,
            name=f"errors-{found.id}.{'csv' if is_csv else 'ndjson'}",
            media_type="text/csv" if is_csv else "application/x-ndjson",
            total_bytes=described["bytes"],
            sha256=described["sha256"],
        )

    async def _piece(self, name: str, offset: int, length: int) -> bytes:
        return await self._files.piece(name, offset, length) if length else b""

    async def _write(self, business_id: str, found: pb.Import, name: str) -> Any:
        """Writes the file and its description, which is there once the file is.

        The files of an import are deleted when it has ended, and when a person is
        erased. If that happens meanwhile, what was written is out of date.
        """
        await self._had_files(business_id, found.id)
        for _ in range(_ATTEMPTS):
            try:
                written = await self._files.write(name, self._rows(business_id, found))
                described = {"bytes": written.bytes, "sha256": written.sha256}
                await self._files.put(f"{name}.json", orjson.dumps(described))
            except StoreUnavailable:
                if await self._had_files(business_id, found.id):
                    raise
                continue
            if await self._had_files(business_id, found.id):
                return described
            await self._files.remove(f"{name}.json")
            await self._files.remove(name)
        raise StoreUnavailable

    async def _had_files(self, business_id: str, import_id: str) -> bool:
        """Notes that an import has files; returns whether it had some until now."""
        row = await self._database.row(sql.HAD_FILES, business_id, import_id)
        return row is not None and bool(row[0])

    async def _rows(self, business_id: str, found: pb.Import) -> AsyncIterator[bytes]:
        is_csv, charset = _is_csv(found), charset_of_rows(found)
        told = found.result.fields
        delimiter = told["delimiter"].string_value or "," if is_csv else ","
        end = "\n".encode(charset)
        if is_csv:
            mark = _MARKS.get(charset, b"") if "16" in charset else b""
            names = [each.string_value for each in told["columns"].list_value.values]
            names = [ID] if found.undoes else names
            old = names.index(PROBLEM) if PROBLEM in names else None
            names = [each for each in names if each != PROBLEM]
            head = _line([PROBLEM, *names], delimiter).encode(charset, "replace")
            yield mark + head + end
        else:
            old = None
        after = 0
        while True:
            its = business_id, found.id, after, _AT_ONCE
            rows = await self._database.rows(sql.SENT, *its)
            if not rows:
                return
            after = rows[-1]["row"]
            lines = []
            for row in rows:
                problem, sent = row["problem"] or {}, row["sent"] or b""
                if is_csv:
                    if found.undoes:
                        sent = _id_in(sent)
                    if old is not None:
                        sent = _without(sent, old, charset, delimiter)
                    cell = _line([shown(problem)], delimiter) + delimiter
                    lines.append(cell.encode(charset, "replace") + sent + end)
                else:
                    lines.append(with_problem(sent, problem) + b"\n")
            yield b"".join(lines)


def _is_csv(found: pb.Import) -> bool:
    """Whether the file is a table: an undo has sent nothing, and names its records."""
    return bool(found.undoes) or found.format == pb.IMPORT_FORMAT_CSV


def _id_in(sent: bytes) -> bytes:
    """The id in a row of an undo."""
    return str(orjson.loads(sent)[ID]).encode() if sent else b""


def charset_of_rows(found: pb.Import) -> str:
    """The charset of what is kept of rows, as Python calls it."""
    charset = charset_of(found.charset) or "utf-8"
    return "utf-16-le" if charset == "utf-16" else charset


def _without(sent: bytes, place: int, charset: str, delimiter: str) -> bytes:
    """A row without a cell; as it was sent if it cannot be read as one row."""
    try:
        text = io.StringIO(sent.decode(charset), newline="")
        (cells,) = csv.reader(text, delimiter=delimiter)
        del cells[place]
    except (ValueError, IndexError, csv.Error):
        return sent
    return _line(cells, delimiter).encode(charset)


def _line(cells: list[str], delimiter: str) -> str:
    text = io.StringIO()
    # The writer quotes the characters of its line end: without one, no line feed.
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def shown(problem: dict[str, Any]) -> str:
    """A problem as a sentence for a cell: every fault with its field."""
    faults = problem.get("errors") or []
    told = "; ".join(f"{each['field']}: {each['message']}" for each in faults)
    return told or str(problem.get("detail", ""))


def with_problem(sent: bytes, problem: dict[str, Any]) -> bytes:
    """A line with the member `_problem`; as it was sent if it is no object.

    It stands in place of the one with which the line begins already.
    """
    begun = sent.strip()
    if (old := _OLD.match(begun)) is not None:
        begun = b"{" + begun[old.end() :]
    if begun[:1] != b"{" or begun[-1:] != b"}":
        return sent
    rest = begun[1:].lstrip()
    comma = b"" if rest[:1] == b"}" else b","
    return b'{"%b":%b%b%b' % (
        PROBLEM.encode(),
        orjson.dumps(shown(problem)),
        comma,
        rest,
    )
