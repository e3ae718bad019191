"""Makes what was recorded the same each time: ids, times, secrets, cursors and budgets.

The nth id stays the nth wherever it comes up again, and later times stay later.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

# A trace that every recorded request continues, so that trace ids need no care.
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

_ID = re.compile(r"\b([a-z]{3,4})_([0-9a-f]{24})\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_HALF_HOUR = timedelta(minutes=30)
_FIRST = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

# The days and months of groups of figures. Those of the samples' fixed times are long
# past; others are of the recording, and are told as if it were made on `_TODAY`.
_DAY, _MONTH = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d")
_TODAY = date(2026, 12, 3)
_FIXED_UNTIL = date(2026, 11, 23)

# Members whose values are nobody's business, and what stands for them.
_SHOWN = {
    "secret": "pcp_EXAMPLE" + "0" * 49,
    "next": "RXhhbXBsZSBvZiBhIGN1cnNvcg",
    "reset": 1793606400,
    "remaining": 99,
    "duration_ms": 84,
    "trace_id": TRACEPARENT.split("-")[1],
}

# Tokens of sandboxes have a name that others have, too.
_TOKEN = "pct_EXAMPLE" + "0" * 49
# The server's part of an address, and the secret in it.
_CALENDAR = f"https://api.engine.example/calendars/pcf_EXAMPLE{'0' * 49}.ics"


@dataclass(frozen=True, slots=True)
class Stable:
    """What was replaced so far. `kept` are times that the requests have sent."""

    kept: frozenset[str]
    _ids: dict[str, str] = field(default_factory=dict)

    def of(self, recorded: Any) -> Any:
        """The same, with what differs from time to time replaced."""
        text = json.dumps(_shown(recorded))
        text = _ID.sub(self._id, text)
        moments = _in_order(_MOMENT.findall(text), self.kept)
        return json.loads(_MOMENT.sub(lambda m: moments.get(m[0], m[0]), text))

    def _id(self, found: re.Match[str]) -> str:
        if found[0] not in self._ids:
            digest = sha256(f"{found[1]} {len(self._ids)}".encode()).hexdigest()
            self._ids[found[0]] = f"{found[1]}_{digest[:24]}"
        return self._ids[found[0]]


def _in_order(moments: Iterable[str], kept: frozenset[str]) -> dict[str, str]:
    """For each time of the server, minutes of a morning in the same order.

    A meeting of half an hour lasts as long here.
    """
    shown, then, now = {}, None, _FIRST
    for moment in sorted(set(moments) - kept, key=datetime.fromisoformat):
        at = datetime.fromisoformat(moment)
        if then is not None:
            now += _HALF_HOUR if at - then == _HALF_HOUR else timedelta(minutes=1)
        shown[moment], then = now.strftime("%Y-%m-%dT%H:%M:%SZ"), at
    return shown


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("window_seconds") and "used" in value:
            value = value | {"used": 1}
        if isinstance(value.get("group"), dict):
            today = datetime.now(UTC).date()
            group = {n: as_if_today(each, today) for n, each in value["group"].items()}
            value = value | {"group": group}
        return {
            name: _SHOWN[name] if name in _SHOWN and each is not None else _shown(each)
            for name, each in value.items()
        }
    if isinstance(value, str) and value.startswith("pct_"):
        return _TOKEN
    if isinstance(value, str) and "/calendars/pcf_" in value:
        return _CALENDAR
    return [_shown(each) for each in value] if isinstance(value, list) else value


def as_if_today(value: Any, today: date) -> Any:
    """A day or month of a group as it would be if today were `_TODAY`."""
    if not isinstance(value, str):
        return value
    if _MONTH.fullmatch(value) and value == today.strftime("%Y-%m"):
        return _TODAY.strftime("%Y-%m")
    if not _DAY.fullmatch(value) or (day := date.fromisoformat(value)) < _FIXED_UNTIL:
        return value
    monday, ours = (
        today - timedelta(today.weekday()),
        _TODAY - timedelta(_TODAY.weekday()),
    )
    return (ours + (day - monday)).isoformat()
