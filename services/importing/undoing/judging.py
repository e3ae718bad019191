"""What undoing an import does to one record, judged by what the record is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.importing.plans import Plan
from services.importing.undoing.logged import MOST_CHANGES, Done
from services.kinds.record_type import Field, RecordType
from services.records.log.changes import (
    CREATED,
    DELETED,
    DELETED_AT,
    RESTORED,
    UPDATED,
)
from services.records.many.merged import MERGED_IDS
from services.records.own_values import CUSTOM_FIELDS
from services.records.reading.states import States

_UNKNOWN = "What the import changed is not known any more."
_MANY = f"The import changed the record more than {MOST_CHANGES} times."
_GONE = "The record was deleted since. Restore it, and undo the import again."
_AGAIN = "The record was restored and deleted again since."
_SINCE = "Changed since the import: {}."
_UNSEEN = "fields that you do not see"
# So many fields are named.
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Now:
    """A record as its row has it. `state` are its values as the log has values."""

    record: Any
    state: Mapping[str, Any]
    is_deleted: bool
    is_merged: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What to do: a verb, "" for nothing. `refusal` says why it cannot be done.

    An update puts back the values `was`.
    """

    verb: str = ""
    refusal: str = ""
    was: Mapping[str, Any] | None = None


def judged(
    plan: Plan,
    states: States,
    status: int,
    now: Now | None,
    done: Done | None,
) -> Step:
    """What undoing does to a record whose row in the import had a `status`."""
    kind, computed = plan.kind, plan.computed
    if now is None:
        return Step() if status == pb.IMPORT_ROW_STATUS_CREATED else Step("", _GONE)
    if done is None:
        return _unknown(status, now)
    if done.changes > MOST_CHANGES:
        return Step("", _MANY)
    if done.operation == DELETED:
        if not now.is_deleted:
            return Step()
        is_its = int(now.record.etag) == done.version
        return Step("Restore") if is_its else Step("", _AGAIN)
    if done.operation in (CREATED, RESTORED):
        if now.is_deleted:
            return Step("Delete") if now.is_merged else Step()
        after = states.flat(dict(done.image or {}))
        after.update((k, v) for k, v in done.now.items() if k != DELETED_AT)
        changed = _changed(kind, states, now, after, computed, is_whole=True)
        return _refusal(changed, plan.unseen) if changed else Step("Delete")
    if now.is_deleted:
        return Step("", _GONE)
    assert done.operation == UPDATED  # noqa: S101 - there is no other one
    differs = ((k, v) for k, v in done.was.items() if done.now.get(k) != v)
    was = {k: v for k, v in differs if _is_written(kind, k, computed)}
    current = states.flat(dict(now.state))
    if all(current.get(name) == value for name, value in was.items()):
        return Step()
    after = {name: done.now.get(name) for name in was}
    changed = _changed(kind, states, now, after, computed)
    return _refusal(changed, plan.unseen) if changed else Step("Update", was=was)


def _unknown(status: int, now: Now) -> Step:
    """A record of which the log does not know what the import did."""
    if status == pb.IMPORT_ROW_STATUS_CREATED:
        if now.is_deleted and not now.is_merged:
            return Step()
        if now.record.etag == "1":  # nobody has changed it since it was created
            return Step("Delete")
    return Step("", _UNKNOWN)


def _changed(
    kind: RecordType,
    states: States,
    now: Now,
    after: Mapping[str, Any],
    computed: frozenset[str],
    *,
    is_whole: bool = False,
) -> list[str]:
    """The names of values that a record has no longer as it had them after the import.

    `is_whole`: all of its values count. A link that is cleared by now was then cleared
    with the record that it led to.
    """
    current = states.flat(dict(now.state))
    names = {*after, *current} if is_whole else {*after}
    return sorted(
        name
        for name in names
        if (value := current.get(name)) != after.get(name)
        and not _follows(kind, name, computed)
        and not (is_whole and value is None and _is_link(kind, name))
    )


def _refusal(changed: Sequence[str], unseen: frozenset[str]) -> Step:
    """Names what was changed since, but for the custom fields that are not seen."""
    hidden = {f"{CUSTOM_FIELDS}.{key}" for key in unseen}
    seen = [name for name in changed if name not in hidden]
    more = f" and {len(seen) - _MOST_NAMED} others" * (len(seen) > _MOST_NAMED)
    named = ", ".join(each[:100] for each in seen[:_MOST_NAMED])
    return Step("", _SINCE.format(named + more or _UNSEEN))


def _field(kind: RecordType, name: str) -> Field | None:
    return kind.by_name.get(name.partition(".")[0])


def _is_link(kind: RecordType, name: str) -> bool:
    item = kind.by_name.get(name)
    return item is not None and bool(item.references)


def _follows(kind: RecordType, name: str, computed: frozenset[str]) -> bool:
    """Whether a value follows from others: nobody has changed it by itself."""
    item = _field(kind, name)
    if item is None:  # it has gone since
        return True
    holder, _, key = name.partition(".")
    is_told = item.policy.set_by_others and name != MERGED_IDS
    return is_told or (holder == CUSTOM_FIELDS and key in computed)


def _is_written(kind: RecordType, name: str, computed: frozenset[str]) -> bool:
    """Whether an update can put a value back."""
    item = _field(kind, name)
    if item is None or _follows(kind, name, computed):
        return False
    return not (item.read_only or item.immutable or item.policy.changed_by)
