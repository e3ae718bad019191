"""The feed of changes, from its beginning, agrees with states and with histories."""

from collections.abc import Mapping
from typing import Any

from tests.client import Client
from tests.end_to_end.changes.following import BOTH, Reader
from tests.end_to_end.whole_life import past


def follow(client: Client, paths: Mapping[str, str | None]) -> None:
    """Compares what the feed tells of records with their states and their histories.

    `paths` has the path of each record by its id; None if its history is that of a
    survivor.
    """
    told: dict[str, list[Any]] = {}
    for change in Reader(client, "earliest", include=BOTH, limit=200).read():
        told.setdefault(change["record"]["id"], []).append(change)
    for record_id, at in paths.items():
        changes = told[record_id]
        versions = [int(each["record"]["version"]) for each in changes]
        assert versions == list(range(1, len(changes) + 1)), changes
        entries = _entries(changes)
        if at is not None:
            ends = {each["at"] for each in changes if each["state"] is None}
            history = [e for e in past.history(client, at) if e["at"] not in ends]
            assert entries == _kept(history), (changes, history)


def _entries(changes: list[Any]) -> set[str]:
    """What changed in each field; each change must lead to the state that it tells.

    The end of a record tells no values, so what comes back is a state anew.
    """
    state: past.State | None = {}
    found = set[str]()
    for each in changes:
        told = None if each["state"] is None else past.state_of(each["state"])
        for name, values in each["changed"].items():
            was, now = values["from"], values["to"]
            found.add(_entry(each["at"], name, was, now))
            if state is not None:
                assert state.get(name) == _set(was), (each, state)
                state[name] = _set(now)
        if state is not None and told is not None:
            assert {n: v for n, v in state.items() if v is not None} == told, each
        state = told
    return found


def _kept(history: list[Any]) -> set[str]:
    """The same by a history, which also tells when a record was deleted."""
    return {
        _entry(each["at"], each["field"], each["from"], each["to"])
        for each in history
        if each["field"] != "deleted_at"
    }


def _entry(at: str, name: str, was: Any, now: Any) -> str:
    return repr((at, name, _set(was), _set(now)))


def _set(value: Any) -> Any:
    """A value; None for an empty list."""
    return None if value == [] else value
