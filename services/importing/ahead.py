"""Reads the rows of an import ahead of the step that writes them.

The content is kept open between the steps of a job. Another process that goes on with
the job opens it anew where the job is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.importing.plans import Plan, Planning
from services.importing.reading.rows import Reader, Row
from services.jobs.work import Work

_MOST_OPEN = 16
# A step ends after so many bytes, however few its rows are: a row may have a MiB, and
# takes several times as much memory while it is written. An empty line counts as some
# bytes, so that many of them do not make a step long. Rows are taken ten at a time.
_STEP_COST, _AT_ONCE = 2 * 1024**2, 10


@dataclass(slots=True)
class _Ahead:
    """An open content, and the rows that were read from a position of it."""

    reader: Reader
    position: int
    rows: list[Row] = field(default_factory=list)


class OpenContents:
    """The contents that are open, by the ids of their jobs: the newest few."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._open: dict[str, _Ahead] = {}

    def close(self, job_id: str) -> None:
        """Forgets the content of a job that has ended."""
        self._open.pop(job_id, None)

    async def read(
        self, work: Work, plan: Plan, sendings: Mapping[str, Any]
    ) -> list[Row]:
        """The next rows. The same ones if their step is done again.

        None where too many empty lines are to read them in one step: then the task says
        where the next step goes on. None at the end: then the task stays as it is.
        """
        task, ahead = work.task, self._open.get(work.id)
        at = task["position"]
        if ahead is not None and ahead.position == at and ahead.rows:
            return ahead.rows
        is_next = ahead is not None and ahead.rows and ahead.rows[-1].end == at
        if ahead is None or not (is_next or (ahead.position == at)):
            its = work.business_id, plan.given, sendings, task
            ahead = _Ahead((await self._planning.open(*its)).reader, at)
        self._open[work.id] = ahead
        if len(self._open) > _MOST_OPEN:  # of jobs that others go on with
            del self._open[next(iter(self._open))]
        try:
            ahead.rows = await _taken(ahead.reader, task["size"])
        except BaseException:
            self._open.pop(work.id, None)
            raise
        ahead.position = at
        lines = ahead.reader.lines
        if not ahead.rows and not lines.is_at_end:
            ahead.position = task["position"] = lines.position
            task["row"] = ahead.reader.number
        return ahead.rows


async def _taken(reader: Reader, most: int) -> list[Row]:
    """The next rows; fewer than `most` if they are long, none at the end."""
    rows, lines = list[Row](), reader.lines
    until = lines.cost + _STEP_COST
    while len(rows) < most and lines.cost < until:
        rows += await reader.take(min(_AT_ONCE, most - len(rows)))
        if lines.is_at_end:
            break
    return rows
