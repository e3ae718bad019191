"""Formats an exception for the log: its class and its frames, without its message.

A message may contain data of clients: PostgreSQL's shows the whole row that violates a
constraint, and that of `int` shows the text that is not a number. Instead, the log
contains only selected facts: codes, and the names of tables and constraints.
"""

import errno
import traceback
from collections.abc import Iterator

import asyncpg
import grpc
from structlog.typing import ExcInfo

_OF_DATABASE = ("sqlstate", "table_name", "column_name", "constraint_name")

_CAUSED = "\nThe above was the cause of what follows.\n\n"
_MEANWHILE = "\nWhile the above was handled, this was raised.\n\n"


def failure_text(exc_info: ExcInfo) -> str:
    """Returns the exception with its causes, the first one first."""
    return "".join(_lines(exc_info[1], set())).rstrip("\n")


def _lines(error: BaseException, told: set[int]) -> Iterator[str]:
    told.add(id(error))
    cause, context = error.__cause__, error.__context__
    before = context if cause is None and not error.__suppress_context__ else cause
    if before is not None and id(before) not in told:
        yield from _lines(before, told)
        yield _MEANWHILE if cause is None else _CAUSED
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_name(type(error))}{_facts(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for number, each in enumerate(error.exceptions, 1):
            yield f"\nOf these, number {number}:\n\n"
            yield from _lines(each, told)


def _name(kind: type[BaseException]) -> str:
    own = kind.__qualname__
    return own if kind.__module__ == "builtins" else f"{kind.__module__}.{own}"


def _facts(error: BaseException) -> str:
    """Returns facts about an exception that are not client data, in brackets."""
    known: dict[str, object] = {}
    if isinstance(error, asyncpg.PostgresError):
        known = {name: getattr(error, name, None) for name in _OF_DATABASE}
    elif isinstance(error, grpc.aio.AioRpcError):
        known = {"code": error.code().name}
    elif isinstance(error, OSError):
        known = {"errno": errno.errorcode.get(error.errno or 0)}
    facts = [f"{name}={value}" for name, value in known.items() if value]
    return f" ({', '.join(facts)})" if facts else ""
