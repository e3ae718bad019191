"""Configures the logs: JSON lines on standard error, or colours on a terminal.

Lines about a request contain its `trace_id`. Messages of exceptions are not written.
Standard output is only for the result of a command.
"""

import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from deploy.observing.failures import failure_text
from deploy.observing.log_stream import LogStream
from edge.trace import CURRENT_TRACE as EDGE_TRACE
from services.trace import CURRENT_TRACE as SERVICES_TRACE


def configure_logs(form: str = "auto") -> None:
    """Sends the logs of structlog and of the standard library to standard error.

    `form` is `json`, `console`, or `auto` (`console` for a terminal). Other text for
    standard error, such as the traceback of a thread, passes the same stream.
    """
    sys.stderr = stream = cast("TextIO", LogStream(sys.stderr.fileno()))
    is_console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.processors.ExceptionRenderer(failure_text),
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if is_console
        else structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*shared, *last],
        logger_factory=structlog.WriteLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _shorten],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *last,
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _add_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    trace = EDGE_TRACE.get() or SERVICES_TRACE.get()
    if trace is not None:
        event.setdefault("trace_id", trace.trace_id)
    return event


def _shorten(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Removes the exception's message from asyncio's log line about a failed task."""
    if event["_record"].name == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event
