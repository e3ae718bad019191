"""Rows of tasks in lanes. A worker leases a lane, and notes what it ran in bulk."""

import asyncio

import asyncpg

from tests.scale.queues.candidate import LANES, Handle

_TABLES = """
CREATE TABLE lanes (lane int PRIMARY KEY, lease text, leased_until timestamptz
  NOT NULL DEFAULT '-infinity') WITH (fillfactor = 50);
CREATE TABLE tasks (lane int, number bigint, state smallint NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (lane, number))
  WITH (fillfactor = 70);
CREATE INDEX tasks_due ON tasks (lane, due_at) WHERE state = 0;
"""
_PUT = "INSERT INTO tasks (lane, number) SELECT n % $2, n FROM unnest($1::bigint[]) n"
# A lane with something to do that nobody has; taking it again renews the lease.
_CLAIM = """
UPDATE lanes SET lease = $1, leased_until = now() + interval '3 s' WHERE lane IN (
  SELECT lane FROM lanes AS l WHERE (leased_until < now() OR lease = $1)
    AND EXISTS (SELECT FROM tasks AS t WHERE t.lane = l.lane AND state = 0
      AND due_at <= now())
  FOR UPDATE SKIP LOCKED
) RETURNING lane
"""
_DUE = """
SELECT number FROM tasks WHERE lane = $1 AND state = 0 AND due_at <= now()
ORDER BY due_at, number LIMIT 100
"""
_DONE = """
UPDATE tasks SET state = 1 WHERE lane = $1 AND number = ANY($2::bigint[])
  AND EXISTS (SELECT FROM lanes WHERE lane = $1 AND lease = $3)
"""
_LOOK_SECONDS = 0.1


class ByLeases:
    """The queue of lanes."""

    name = "leased lanes"

    async def open(self, url: str) -> None:
        self._pool = await asyncpg.create_pool(url, min_size=4, max_size=4)
        await self._pool.execute(_TABLES)
        sql = "INSERT INTO lanes (lane) SELECT generate_series(0, $1 - 1)"
        await self._pool.execute(sql, LANES)

    async def put(self, numbers: list[int]) -> None:
        await self._pool.execute(_PUT, numbers, LANES)

    async def run(self, handle: Handle) -> None:
        while True:
            claimed = await self._pool.fetch(_CLAIM, "one")
            for (lane,) in claimed:
                due = [row[0] for row in await self._pool.fetch(_DUE, lane)]
                await asyncio.gather(*(handle(number) for number in due))
                await self._pool.execute(_DONE, lane, due, "one")
            if not claimed:
                await asyncio.sleep(_LOOK_SECONDS)

    async def close(self) -> None:
        await self._pool.close()
