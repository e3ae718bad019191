"""An export that is being written, in the process of the worker that has its job.

It works in a task of its own, and only while a step of the job lets it: so it has no
more of the worker than other jobs. What it waits for, the database and the store, does
not hold up the step.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.jobs.v1 import exports_pb2 as pb

from services.caller import Caller
from services.errors import Unavailable
from services.exports.formats import beginning, ending_of, is_packed
from services.exports.output import Output, Place
from services.exports.records import Readings
from services.exports.selection import Selection
from services.files.stores import Files, StoreUnavailable
from services.jobs.work import NotNowError
from services.pauses import Pauses
from services.postgres.snapshots import Snapshot


class Interrupted(Exception):
    """The snapshot is lost."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write: an export, compiled, and where its files go."""

    export: pb.Export
    selections: Sequence[Selection]
    files: Files
    folder: str
    most_bytes: int


@dataclass(slots=True)
class Running:
    """One export. `rows` are written so far, `files` are those that are whole.

    `caller` is whose rights it is written with; they were read at `checked_at`, on the
    event loop's clock.
    """

    plan: Plan
    snapshot: Snapshot
    cursor: str
    caller: Caller
    checked_at: float
    rows: int = 0
    total: int | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    _gate: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[None] | None" = None

    @property
    def attempt(self) -> str:
        """The folder of its files, in that of the export."""
        return self.plan.folder.split("/")[-2]

    def begin(self, readings: Readings) -> None:
        """Begins its task, which waits for the first step."""
        self._task = asyncio.create_task(self._write_all(readings))

    async def advance(self, seconds: float) -> bool:
        """Lets it work for so long. Whether it has written everything.

        Raises what has gone wrong; `NotNowError` if that is the store of files.
        """
        task = self._task
        assert task is not None  # noqa: S101 - `begin` comes first
        self._gate.set()
        try:
            await asyncio.wait((task,), timeout=seconds)
        finally:
            self._gate.clear()
        if not task.done():
            return False
        try:
            await task
        except StoreUnavailable as error:
            raise NotNowError from error
        except Unavailable as error:
            raise Interrupted from error
        return True

    async def close(self) -> None:
        """Ends it, written or not. Whole files stay."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task
        await self.snapshot.close()

    async def _write_all(self, readings: Readings) -> None:
        await self._gate.wait()
        export, totals = self.plan.export, list[int | None]()
        pauses = Pauses()
        parts = [
            readings.reading(self.snapshot, each, export.version)
            for each in self.plan.selections
        ]
        for part in parts:
            totals.append(await part.count())
        known = [each for each in totals if each is not None]
        self.total = sum(known) if len(known) == len(totals) else None
        for part in parts:
            place = Place(
                files=self.plan.files,
                prefix=self.plan.folder,
                resource=part.selection.name,
                ending=ending_of(export),
                is_packed=is_packed(export),
                most_bytes=self.plan.most_bytes,
            )
            begin = beginning(export, part.selection)
            output = Output(place, begin, len(self.files) + 1)
            try:
                async for lines in part.slices():
                    await self._gate.wait()
                    await pauses.now()  # a request that waits has its turn
                    await output.add(lines)
                    self.rows += len(lines)
                self.files += await output.finish()
            finally:
                await output.abandon()
