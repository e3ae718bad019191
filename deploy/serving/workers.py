"""Several workers on one machine: the parent starts, watches and ends them.

The parent itself serves nothing. It keeps the two ports bound, so that no other program
can take them while a worker restarts. Workers are started as programs, never forked.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog

from deploy import ports
from deploy.errors import WorkerError
from deploy.settings import Settings
from deploy.signals import stop_on_signals

READY = b"ready\n"  # a worker writes it when it serves

_RESTART_SECONDS = 0.5
_KILL_SECONDS = 10.0  # beyond the time that a worker takes to drain


@contextmanager
def held_ports(settings: Settings) -> Iterator[Settings]:
    """Binds both ports for the workers and yields settings with their numbers.

    Port 0 is replaced by a free port. Raises PortError.
    """
    with (
        ports.bind(settings.host, settings.http_port, shared=True) as http,
        ports.bind(settings.host, settings.grpc_port, shared=True) as grpc,
    ):
        numbers = {"http_port": ports.port_of(http), "grpc_port": ports.port_of(grpc)}
        yield settings.model_copy(update=numbers)


async def supervise(settings: Settings, announce: Callable[[], None]) -> None:
    """Keeps `settings.workers` workers running until a signal.

    Calls `announce` once all of them serve. Raises WorkerError if one ends before.
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    up: set[int] = set()

    def note(worker: int) -> None:
        if worker not in up:
            up.add(worker)
            if len(up) == settings.workers:
                announce()

    try:
        async with asyncio.TaskGroup() as keepers:
            for worker in range(settings.workers):
                keepers.create_task(_keep(settings, worker, note, stop))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _keep(
    settings: Settings, number: int, note: Callable[[int], None], stop: asyncio.Event
) -> None:
    """Runs a worker, and another one whenever it ends, until the stop."""
    started = False
    while not stop.is_set():
        worker = await _launch(settings, number)
        try:
            if await _becomes_ready(worker, stop):
                started = True
                note(number)
                await _first(worker.wait(), stop.wait())
        finally:
            await _end(worker, settings.drain_seconds + _KILL_SECONDS)
        if stop.is_set():
            return
        if not started:
            raise WorkerError("A worker ended before it was ready; see above.")
        log = structlog.get_logger()
        log.error("worker_died", pid=worker.pid, status=worker.returncode)
        await _first(asyncio.sleep(_RESTART_SECONDS), stop.wait())


async def _launch(settings: Settings, number: int) -> Process:
    if settings.metrics_port is not None:
        port = settings.metrics_port + number
        settings = settings.model_copy(update={"metrics_port": port})
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.serving.worker",
        stdin=PIPE,  # closes when this process ends, even by a crash
        stdout=PIPE,
        env={**os.environ, **settings.variables()},
        start_new_session=True,  # Ctrl-C reaches it only through its parent
    )


async def _becomes_ready(worker: Process, stop: asyncio.Event) -> bool:
    if worker.stdout is None:
        raise AssertionError("the worker was launched with a pipe")
    return await _first(worker.stdout.readline(), stop.wait()) == READY


async def _first(*awaited: Coroutine[Any, Any, object]) -> object:
    """Returns the result of the first of several awaitables, and cancels the others."""
    tasks = [asyncio.create_task(each) for each in awaited]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()


async def _end(worker: Process, seconds: float) -> None:
    """Lets a worker drain, and kills it after `seconds`."""
    if worker.returncode is None:
        with suppress(ProcessLookupError):
            worker.terminate()
    try:
        async with asyncio.timeout(seconds):
            await worker.wait()
    except TimeoutError:
        worker.kill()
        await worker.wait()
