"""Writes rows as an import asks: up to the first bad one, or as a trial."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.importing.drafts import Result
from services.importing.reading.rows import Row
from services.importing.telling import count_besides, show
from services.importing.undoing.writing import Undoing
from services.jobs.work import Json
from services.postgres.bound import SCOPE

_FAILED = pb.IMPORT_ROW_STATUS_FAILED


class Writes(Protocol):
    """What writes rows of one import, within a bound transaction.

    `companies` are those that the last rows created; in an undo, those that went.
    """

    @property
    def companies(self) -> int: ...

    async def write(self, rows: Sequence[Row]) -> list[Result]:
        """Writes rows, and returns what became of them."""


class _UndoneError(Exception):
    """Undoes the rows that were written last."""


async def write_rows(
    writing: Writes, given: pb.Import, rows: Sequence[Row]
) -> list[Result]:
    """Writes rows; with `stop` only those before the first bad one."""
    if given.on_error != pb.IMPORT_ON_ERROR_STOP:
        return await writing.write(rows)
    results = await _undone_if_bad(writing, rows)
    bad = _first_bad(results)
    if bad is None:
        return results
    return [*await writing.write(rows[:bad]), results[bad]]


async def try_rows(
    writing: Writes, given: pb.Import, rows: Sequence[Row], task: Json
) -> list[Result]:
    """What would become of rows; nothing of them stays written."""
    results = await _undone_if_bad(writing, rows, always=True)
    if given.on_error == pb.IMPORT_ON_ERROR_STOP:
        bad = _first_bad(results)
        results = results if bad is None else results[: bad + 1]
    show(task, results)
    for each in results:
        if each.status == pb.IMPORT_ROW_STATUS_CREATED and not given.undoes:
            each.record_id = None
    return results


async def end_undo(undoing: Undoing, given: pb.Import, task: Json) -> bool:
    """Lets an undo end; whether it has. Nothing that a trial does stays."""
    if not given.dry_run:
        is_over = await undoing.end()
    else:
        is_over = True
        with suppress(_UndoneError):
            async with SCOPE.get().connection.transaction():
                await undoing.end()
                raise _UndoneError
    count_besides(task, given, (), undoing.companies)
    return is_over


def _first_bad(results: Iterable[Result]) -> int | None:
    return next((n for n, e in enumerate(results) if e.status == _FAILED), None)


async def _undone_if_bad(
    writing: Writes, rows: Sequence[Row], *, always: bool = False
) -> list[Result]:
    results = list[Result]()
    try:
        async with SCOPE.get().connection.transaction():
            results = await writing.write(rows)
            if always or any(each.status == _FAILED for each in results):
                raise _UndoneError
    except _UndoneError:
        pass
    return results
