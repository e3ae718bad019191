"""dbos: durable workflows, whose steps and results are rows, on SQLAlchemy."""

import asyncio
import threading

from dbos import DBOS, DBOSConfig

from tests.scale.queues.candidate import Handle


class ByDbos:
    """A queue of dbos; each task is a workflow without steps."""

    name = "dbos"

    async def open(self, url: str) -> None:
        config: DBOSConfig = {
            "name": "queues",
            "system_database_url": url,
            "run_admin_server": False,
            "log_level": "ERROR",
            "enable_otlp": False,
        }
        DBOS(config=config)
        self._may_run = threading.Event()

        async def task(number: int) -> None:
            # dbos runs it in a loop of its own.
            await asyncio.to_thread(self._may_run.wait)
            await self._handle(number)

        self._task = DBOS.workflow(name="task")(task)
        await asyncio.to_thread(DBOS.launch)
        self._queue = await DBOS.register_queue_async(
            "tasks", worker_concurrency=100, polling_interval_sec=0.1
        )

    async def put(self, numbers: list[int]) -> None:
        for number in numbers:
            await self._queue.enqueue_async(self._task, number)

    async def run(self, handle: Handle) -> None:
        self._handle = handle
        self._may_run.set()
        await asyncio.Event().wait()

    async def close(self) -> None:
        await asyncio.to_thread(DBOS.destroy)
