"""The stream of changes: its request, and its events from the bytes that arrive.

Lines are divided at line feeds alone. A change may contain other characters that Python
takes for the end of a line, such as U+2028.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from typing_extensions import TypedDict

from prospectconnect_client.answers import Answer
from prospectconnect_client.bodies import json_of
from prospectconnect_client.outcomes import Outcome
from prospectconnect_client.problems import Problem, Unreachable, problem_of
from prospectconnect_contract.operations import Call
from prospectconnect_contract.records import Change

# There is a sign of life every 15 seconds.
SILENCE_SECONDS = 60.0

_LARGEST = 64 * 1024 * 1024  # bytes of an event; the API's are far smaller
_PATH = "/v1/changes/stream"


class Watched(TypedDict, total=False):
    """What `watch` takes, as `read` does."""

    start: str
    resources: Sequence[str]
    types: Sequence[str]
    filters: Sequence[Mapping[str, Any]]
    include: Sequence[str]


@dataclass(frozen=True, slots=True)
class Event:
    """What a stream tells: where it stands now, and what has happened, if anything."""

    cursor: str | None
    change: Change | None


@dataclass(slots=True)
class Events:
    """The events of one stream. An event that is cut off at the end is none."""

    _rest: bytes = b""
    _told: dict[str, str] = field(default_factory=dict)

    def after(self, chunk: bytes) -> Iterator[Event]:
        """The events that are complete with a chunk.

        Raises Problem if the API ends the stream, Unreachable for what is no event.
        """
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LARGEST:
            raise Unreachable("The stream has an event without an end.")
        for line in lines:
            name, _, text = line.rstrip(b"\r").decode(errors="replace").partition(":")
            if name:
                self._told[name] = text.removeprefix(" ")
            elif not text and self._told:
                told, self._told = self._told, {}
                yield _event(told)


def call_of(asked: Watched, cursor: str | None) -> Call:
    """The call that begins a stream, after a cursor if there is one."""
    given = []
    for name, value in asked.items():
        if name == "start" or value is None:
            text = value
        elif isinstance(value, str) or not isinstance(value, Sequence):
            raise TypeError(f"The {name} are no list: {value!r:.80}.")
        elif name == "filters":
            text = quote(json_of(list(value)), "")
        else:
            text = ",".join(quote(each, "") for each in value)
        if text:
            given.append(f"{name}={text if name != 'start' else quote(str(text), '')}")
    headers = {"Accept": "text/event-stream"}
    if cursor is not None:
        headers["Last-Event-ID"] = cursor
    path = f"{_PATH}?{'&'.join(given)}" if given else _PATH
    return Call("GET", path, None, headers)


def outcome_of(failure: Problem | Unreachable) -> Outcome:
    """The outcome of an attempt that failed."""
    return failure.answer if isinstance(failure, Problem) else failure


def _event(told: Mapping[str, str]) -> Event:
    data = told.get("data")
    if data is None:
        return Event(told.get("id"), None)
    try:
        change = json.loads(data, parse_float=Decimal)
        if told.get("event") != "problem":
            return Event(told.get("id"), change)
        failure = problem_of(Answer(int(change["status"]), {}, data.encode()))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreachable("The stream has an event that is no change.") from None
    raise failure
