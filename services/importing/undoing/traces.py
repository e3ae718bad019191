"""The trace that all changes of one import have in the log of changes."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.trace import CURRENT_TRACE, RESERVED, Trace

_DIGITS = 32 - len(RESERVED)


def trace_of(import_id: str) -> str:
    """The trace of an import: the digits of its id, and zeros, as no client's ends."""
    digits = import_id.partition("_")[2]
    return f"{digits:0<{_DIGITS}}"[:_DIGITS] + RESERVED


@contextmanager
def traced(import_id: str) -> Iterator[None]:
    """Lets what is written within have the trace of an import."""
    before = CURRENT_TRACE.set(Trace(trace_of(import_id), "", is_sampled=False))
    try:
        yield
    finally:
        CURRENT_TRACE.reset(before)
