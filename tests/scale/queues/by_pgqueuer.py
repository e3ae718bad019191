"""pgqueuer: a table with triggers and LISTEN/NOTIFY, on asyncpg."""

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from tests.scale.queues.candidate import Handle


class ByPgqueuer:
    """The queue of pgqueuer, with batches of a hundred."""

    name = "pgqueuer"

    async def open(self, url: str) -> None:
        self._pool = await asyncpg.create_pool(url, min_size=4, max_size=4)
        async with self._pool.acquire() as connection:
            await Queries(AsyncpgDriver(connection)).install()
        self._queries = Queries(AsyncpgPoolDriver(self._pool))

    async def put(self, numbers: list[int]) -> None:
        payloads: list[bytes | None] = [str(number).encode() for number in numbers]
        count = len(numbers)
        await self._queries.enqueue(["task"] * count, payloads, [0] * count)

    async def run(self, handle: Handle) -> None:
        worker = PgQueuer.from_asyncpg_pool(self._pool)

        async def task(job: Job) -> None:
            await handle(int(job.payload or b"0"))

        worker.entrypoint("task")(task)
        await worker.run(batch_size=100)

    async def close(self) -> None:
        await self._pool.close()
