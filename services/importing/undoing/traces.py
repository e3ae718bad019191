"""The trace that all changes of one import have in the log of changes."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.trace import CURRENT_TRACE, Trace

_DIGITS = 32


def trace_of(import_id: str) -> str:
    """The trace of an import: the digits of its id, and zeros."""
    return f"{import_id.partition('_')[2]:0<{_DIGITS}}"[:_DIGITS]


@contextmanager
def traced(import_id: str) -> Iterator[None]:
    """Lets what is written within have the trace of an import."""
    before = CURRENT_TRACE.set(Trace(trace_of(import_id), "", is_sampled=False))
    try:
        yield
    finally:
        CURRENT_TRACE.reset(before)
