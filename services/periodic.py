"""Periodic work in the background."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

_log = structlog.get_logger("services")


async def repeat(
    seconds: float, name: str, work: Callable[[], Awaitable[None]]
) -> None:
    """Runs `work` every `seconds` until the task is cancelled.

    Failures in a row are logged once, since the database may be away for long.
    """
    has_failed = False
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            if not has_failed:
                _log.exception("periodic_work_failed", work=name)
            has_failed = True
        else:
            has_failed = False
