"""What a change is called: its type, as the feed tells it."""

from collections.abc import Mapping

from prospectconnect.crm.v1.deals_pb2 import (
    DEAL_STATUS_LOST,
    DEAL_STATUS_OPEN,
    DEAL_STATUS_WON,
)
from prospectconnect.crm.v1.tasks_pb2 import TASK_STATUS_COMPLETED, TASK_STATUS_OPEN
from prospectconnect.events.v1.webhooks_pb2 import DisabledReason
from prospectconnect.jobs.v1.jobs_pb2 import (
    JOB_STATE_CANCELLED,
    JOB_STATE_FAILED,
    JOB_STATE_RUNNING,
    JOB_STATE_SUCCEEDED,
)
from prospectconnect.scheduling.v1.bookings_pb2 import (
    BOOKING_STATUS_CANCELLED,
    BOOKING_STATUS_CONFIRMED,
    BOOKING_STATUS_DECLINED,
    BOOKING_STATUS_HELD,
    BOOKING_STATUS_NO_SHOW,
)

from services.kinds.record_type import Kinds, RecordType
from services.postgres.database import Row
from services.records.log.changes import (
    CREATED,
    DELETED,
    ERASED,
    RESTORED,
    UPDATED,
    is_told,
)
from services.records.many.merged import can_merge

MERGED, UNMERGED, ERASED_WORD = "merged", "unmerged", "erased"

_VERBS: Mapping[int, str] = {
    CREATED: "created",
    UPDATED: "updated",
    DELETED: "deleted",
    RESTORED: "restored",
    ERASED: ERASED_WORD,
}
# What a new value of a field means, by the resource of the record.
_MEANINGS: Mapping[str, Mapping[str, Mapping[int, str]]] = {
    "deal": {
        "status": {
            DEAL_STATUS_OPEN: "reopened",
            DEAL_STATUS_WON: "won",
            DEAL_STATUS_LOST: "lost",
        }
    },
    "task": {
        "status": {TASK_STATUS_OPEN: "reopened", TASK_STATUS_COMPLETED: "completed"}
    },
    "booking": {
        "status": {
            BOOKING_STATUS_CONFIRMED: "confirmed",
            BOOKING_STATUS_DECLINED: "declined",
            BOOKING_STATUS_CANCELLED: "cancelled",
            BOOKING_STATUS_HELD: "held",
            BOOKING_STATUS_NO_SHOW: "no_show",
        }
    },
    "job": {
        "state": {
            JOB_STATE_RUNNING: "started",
            JOB_STATE_SUCCEEDED: "succeeded",
            JOB_STATE_FAILED: "failed",
            JOB_STATE_CANCELLED: "cancelled",
        }
    },
    "webhook": {
        "disabled_reason": dict.fromkeys(
            filter(None, DisabledReason.values()), "disabled"
        )
    },
}
# What a change of a field means, whatever its value.
_MOVES: Mapping[str, Mapping[str, str]] = {
    "booking": {"starts_at": "rescheduled", "ends_at": "rescheduled"},
    "deal": {"stage_id": "stage_changed"},
    "job": {"progress": "progressed"},
}
# What it means that a field has a value which had none, by the resource.
_FIRST: Mapping[str, Mapping[str, str]] = {"sender": {"verified_at": "verified"}}
OWNER_CHANGED = "owner_changed"


def told_kinds(kinds: Kinds) -> list[RecordType]:
    """The kinds of records whose changes are told."""
    return [kind for kind in kinds.values() if is_told(kind)]


def types_of(kind: RecordType) -> list[str]:
    """The types that changes of a kind's records have."""
    verbs = ["created", "updated"]
    verbs += [] if kind.policy.told_to_maker else ["deleted", "restored"]
    verbs += [MERGED, UNMERGED] if can_merge(kind) else []
    verbs += [ERASED_WORD] if kind.policy.erasable else []
    for meanings in _MEANINGS.get(kind.resource, {}).values():
        verbs += meanings.values()
    verbs += dict.fromkeys(_MOVES.get(kind.resource, {}).values())
    verbs += _FIRST.get(kind.resource, {}).values()
    verbs += [OWNER_CHANGED] if _owner(kind) else []
    return [f"{kind.resource}.{verb}" for verb in verbs]


def type_of(kind: RecordType, row: Row, merged: bool) -> str:
    """The type of a change; `merged`: a merge or its undoing made it."""
    return f"{kind.resource}.{_verb(kind, row, merged)}"


def _verb(kind: RecordType, row: Row, merged: bool) -> str:
    operation = row["operation"]
    if merged and operation in (DELETED, RESTORED):
        return MERGED if operation == DELETED else UNMERGED
    if operation != UPDATED:
        return _VERBS[operation]
    was, now = row["was"] or {}, row["now"] or {}
    for field, meanings in _MEANINGS.get(kind.resource, {}).items():
        if field in now and now[field] != was.get(field) and now[field] in meanings:
            return meanings[now[field]]
    for field, verb in _MOVES.get(kind.resource, {}).items():
        if field in now:
            return verb
    for field, verb in _FIRST.get(kind.resource, {}).items():
        if now.get(field) is not None and was.get(field) is None:
            return verb
    return OWNER_CHANGED if _owner(kind) in now else _VERBS[UPDATED]


def _owner(kind: RecordType) -> str:
    """The field by which clients give a record to somebody, "" if there is none."""
    field = kind.by_name.get(kind.policy.owner_field)
    return "" if field is None or field.read_only else field.name
