"""Logs slow statements, and records the statements of sampled traces as spans.

Both contain the text of a statement, never its values.
"""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from services.trace import CURRENT_TRACE, KeepSpan, Span

Result = TypeVar("Result")

# SQL text, or the function that runs in a transaction.
Statement = str | Callable[..., Any]

_MOST_TEXT = 2_000

_log = structlog.get_logger("services")


@dataclass(frozen=True, slots=True)
class StatementWatch:
    """The settings of the watch. If `slow_seconds` is infinite, nothing is logged."""

    slow_seconds: float = float("inf")
    keep_span: KeepSpan | None = None

    @property
    def least_seconds(self) -> float:
        """The duration from which a statement is passed to `ended`."""
        return self.slow_seconds if self.keep_span is None else 0.0

    def ended(self, what: Statement, began: float) -> None:
        """Handles the end of a statement or transaction.

        `began` is in `time.monotonic` seconds.
        """
        seconds = time.monotonic() - began
        text = _text(what)
        if seconds >= self.slow_seconds:
            _log.warning("slow_statement", ms=round(seconds * 1000, 2), sql=text)
        if self.keep_span is not None:
            _keep(self.keep_span, text, seconds)

    async def over(self, what: str, work: Awaitable[Result]) -> Result:
        """Runs one statement of a transaction and records its span."""
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
