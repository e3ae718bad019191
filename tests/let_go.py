"""Lets go of what a failed case held, so that no later case is blamed for it.

The traceback of a failure keeps the variables of its functions, such as a client with
an open connection. They would be freed during a later case, which would then fail
because a socket was never closed.
"""

import gc
import traceback
import warnings
from collections.abc import Generator, Iterator

import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Clears the frames of a failure as soon as they are written into the report."""
    report = yield
    # A debugger still shows them.
    if report.failed and call.excinfo and not item.config.getoption("usepdb"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            for error in (*errors(call.excinfo.value),):
                clear(error)
            gc.collect()
    return report


def clear(error: BaseException) -> None:
    """Clears the variables of all functions that an error went through."""
    traceback.clear_frames(error.__traceback__)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        frame.f_locals.clear()  # the copy that was made when the frame was shown


def errors(error: BaseException) -> Iterator[BaseException]:
    """An error, and all that it was raised from, or because of, or together with."""
    waiting, seen = [error], set[int]()
    while waiting:
        error = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        waiting += filter(None, (error.__cause__, error.__context__))
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
