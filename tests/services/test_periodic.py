"""What runs again and again goes on after a failure, which is told once."""

import asyncio

import pytest
from structlog.testing import capture_logs

from services.periodic import repeat


def test_a_failure_is_told_once_until_it_succeeds_again() -> None:
    failures = iter([False, True, True, False, True, True])

    async def work() -> None:
        fails = next(failures, None)
        if fails is None:
            raise asyncio.CancelledError
        if fails:
            raise OSError

    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        asyncio.run(repeat(0, "a work", work))
    told = [(each["event"], each["work"]) for each in logs]
    assert told == 2 * [("periodic_work_failed", "a work")]
