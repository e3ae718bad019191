"""The past of a record, by its history: each state that ever stood, and since when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from tests.client import Answer, Client, moment

# What a history does not tell, or what is only in some answers.
_UNTOLD = ("id", "created_at", "updated_at", "created_by", "deleted_by", "object")
_DELETED = "deleted_at"
# Of so many states of a record each is asked for when it has changed.
_LAST = 3

State = dict[str, Any]


def state_of(record: Mapping[str, Any]) -> State:
    """What a history tells of a record. What is unset is left out."""
    found: State = {}
    for name, value in record.items():
        if name in ("custom_fields", "external_ids"):
            found |= {f"{name}.{k}": v for k, v in value.items() if v is not None}
        elif name not in _UNTOLD and value not in (None, [], {}):
            found[name] = value
    return found


def history(client: Client, at: str) -> list[Any]:
    """All entries, the newest first, by pages."""
    body: State = {"limit": 12}
    found: list[Any] = []
    while True:
        answer = client.post(f"{at}/history", body)
        assert answer.status == 200, (at, answer.body)
        found += answer.json["data"]
        cursor = answer.json["meta"]["cursor"]
        if not cursor["has_more"]:
            return found
        body["cursor"] = cursor["next"]


def states(record: Mapping[str, Any], entries: list[Any]) -> list[tuple[str, State]]:
    """The states that a history tells, the newest first, each with its beginning.

    Each entry must lead from one of them to the next, and the oldest from nothing.
    """
    state = state_of(record)
    found: list[tuple[str, State]] = []
    for when, changes in groupby(entries, itemgetter("at")):
        assert not found or moment(when) < moment(found[-1][0]), entries
        found.append((when, dict(state)))
        told = list(changes)
        for entry in told:
            name, was, now = entry["field"], entry["from"], entry["to"]
            assert state.get(name) == (None if now == [] else now), (entry, record)
            assert was != now, entry
            state.pop(name, None)
            if was not in (None, []):
                state[name] = was
        (word,) = {e["operation"] for e in told}
        assert word in _WORDS[_kind(state, told)], entries
    assert state == {}, (record, entries)
    return found


# What a history calls a change. A merge ends records, and its undoing restores them.
_WORDS = {
    "created": {"created"},
    "updated": {"updated", "merged", "unmerged"},
    "deleted": {"deleted", "merged"},
    "restored": {"restored", "unmerged"},
}


def _kind(before: State, changes: list[Any]) -> str:
    """What a change of some fields is."""
    for each in changes:
        if each["field"] == _DELETED:
            return "restored" if each["to"] is None else "deleted"
    return "updated" if before else "created"


def compare_past(
    client: Client, at: str, found: list[tuple[str, State]], etags: Mapping[str, int]
) -> None:
    """Asks for the last states as they began, and a microsecond before they ended.

    Those before them were asked for when they were the last ones.
    """
    ended: str | None = None
    for begun, state in found[:_LAST]:
        for when in (begun, *([_before(ended)] if ended else ())):
            if _DELETED not in state:
                told = as_of(client, at, when)
                assert state_of(told.json) == state, (at, when)
                etag = etags.get(begun)
                assert etag is None or told.headers["etag"] == f'"{etag}"', (at, when)
        ended = begun
    if len(found) <= _LAST:
        first = client.post(f"{at}/as_of", {"at": _before(found[-1][0])})
        assert first.status == 404, first.body


def as_of(client: Client, at: str, when: str) -> Answer:
    answer = client.post(f"{at}/as_of", {"at": when})
    assert answer.status == 200, (at, when, answer.body)
    return answer


def _before(when: str) -> str:
    found: datetime = moment(when) - timedelta(microseconds=1)
    return found.astimezone(UTC).isoformat().replace("+00:00", "Z")


def is_after(one: str, other: str) -> bool:
    return moment(one) > moment(other)
