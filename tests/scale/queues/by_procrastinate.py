"""procrastinate: stored procedures and LISTEN/NOTIFY, on psycopg."""

from procrastinate import App, PsycopgConnector

from tests.scale.queues.candidate import LANES, Handle


class ByProcrastinate:
    """The queue of procrastinate; a lane is one of its locks."""

    name = "procrastinate"

    async def open(self, url: str) -> None:
        self._app = App(
            connector=PsycopgConnector(conninfo=url, min_size=4, max_size=8)
        )
        await self._app.open_async()
        await self._app.schema_manager.apply_schema_async()

        async def task(number: int) -> None:
            await self._handle(number)

        self._task = self._app.task(name="task")(task)

    async def put(self, numbers: list[int]) -> None:
        tasks = [{"number": number} for number in numbers]
        if len(tasks) == 1:
            lock = f"lane {numbers[0] % LANES}"
            await self._task.configure(lock=lock).defer_async(**tasks[0])
        else:
            await self._task.batch_defer_async(*tasks)

    async def run(self, handle: Handle) -> None:
        self._handle = handle
        await self._app.run_worker_async(
            concurrency=100, delete_jobs="never", install_signal_handlers=False
        )

    async def close(self) -> None:
        await self._app.close_async()
