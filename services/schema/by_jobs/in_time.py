"""Lets no step of a job lock records for long, also on a machine that stands still.

Windows are as long as a machine can do in a moment. If one takes much longer for once,
its statement is ended, the whole step is undone, and the next step has half the window.
The shortest windows are never ended: each job gets done.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import fields

import asyncpg

from services.jobs.work import Json, Runner, Work
from services.postgres.database import Transaction

LEAST = 50  # records
# The end of a statement and of its savepoint take some more.
MOST_MS = 80


class TookTooLong(Exception):
    """A statement locked records for too long."""


@asynccontextmanager
async def locking(transaction: Transaction, task: Json) -> AsyncIterator[None]:
    """Ends a statement that locks the records of a window for too long.

    Raises:
        TookTooLong: The statement was ended. The step must be undone.
    """
    if task["window"] <= LEAST:
        yield
        return
    await transaction.run(f"SET LOCAL statement_timeout = {MOST_MS}")
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise TookTooLong from error
    await transaction.run("SET LOCAL statement_timeout = DEFAULT")


def in_shorter_windows(runner: Runner) -> Runner:
    """A runner that undoes a step which took too long, and halves its window."""

    async def run(transaction: Transaction, work: Work) -> None:
        before = deepcopy(work)
        try:
            async with transaction.connection.transaction():  # a savepoint
                await runner(transaction, work)
        except TookTooLong:
            for each in fields(Work):
                setattr(work, each.name, getattr(before, each.name))
            work.task["window"] = max(LEAST, work.task["window"] // 2)

    return run
