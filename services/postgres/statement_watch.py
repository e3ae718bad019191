"""Which statements are told of: slow ones in the log, those of sampled traces as spans.

Their text alone, never their values.
"""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from services.trace import CURRENT_TRACE, KeepSpan, Span

Result = TypeVar("Result")

# SQL, or what works in a transaction.
Statement = str | Callable[..., Any]

_MOST_TEXT = 2_000

_log = structlog.get_logger("services")


@dataclass(frozen=True, slots=True)
class StatementWatch:
    """`slow_seconds` is infinite where nobody wants to hear of slow ones."""

    slow_seconds: float = float("inf")
    keep_span: KeepSpan | None = None

    @property
    def least_seconds(self) -> float:
        """What ends sooner is not worth a call of `ended`."""
        return self.slow_seconds if self.keep_span is None else 0.0

    def ended(self, what: Statement, began: float) -> None:
        """A statement or a transaction is over; `began` in `time.monotonic` seconds."""
        seconds = time.monotonic() - began
        text = _text(what)
        if seconds >= self.slow_seconds:
            _log.warning("slow_statement", ms=round(seconds * 1000, 2), sql=text)
        if self.keep_span is not None:
            _keep(self.keep_span, text, seconds)

    async def over(self, what: str, work: Awaitable[Result]) -> Result:
        """Watches one statement of a transaction, for its span."""
        began = time.monotonic()
        try:
            return await work
        finally:
            self.ended(what, began)


def _text(what: Statement) -> str:
    if isinstance(what, str):
        return " ".join(what.split())[:_MOST_TEXT]
    work = getattr(what, "func", what)  # of a partial
    return f"transaction {work.__module__}.{work.__qualname__}"


def _keep(keep: KeepSpan, text: str, seconds: float) -> None:
    trace = CURRENT_TRACE.get()
    if trace is None or not trace.is_sampled:
        return
    now = time.time_ns()
    keep(
        Span(
            *(trace.trace_id, secrets.token_hex(8), trace.span_id, "client"),
            name=text.lstrip("(").partition(" ")[0],
            began=now - int(seconds * 1e9),
            ended=now,
            attributes={"db.system.name": "postgresql", "db.query.text": text},
            failed=False,
        )
    )
