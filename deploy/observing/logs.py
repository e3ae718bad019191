"""Configures the logs: JSON lines on standard error, or colours on a terminal.

Lines about a request contain its `trace_id`. Messages of exceptions are not written.
Standard output is only for the result of a command.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TextIO, cast

import orjson
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
        _add_time,
    ]
    last: list[Processor] = [
        structlog.processors.ExceptionRenderer(failure_text),
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if is_console
        else structlog.processors.JSONRenderer(_as_json),
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


def _add_time(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    second, nanos = divmod(time.time_ns(), 1_000_000_000)
    event["timestamp"] = f"{_second(second)}.{nanos // 1000:06d}Z"
    return event


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _as_json(event: EventDict, default: Callable[[Any], Any]) -> str:
    """Writes an event as JSON in ASCII, so that no text of it can steer a terminal."""
    try:
        line = orjson.dumps(event, default=default)
    except TypeError:  # half of a character, or a number beyond 64 bits
        return json.dumps(event, default=default)
    return line.decode() if line.isascii() else json.dumps(event, default=default)


def _shorten(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Removes the exception's message from asyncio's log line about a failed task."""
    if event["_record"].name == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event
