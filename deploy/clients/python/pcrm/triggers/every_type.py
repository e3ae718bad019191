"""Every type of change that can be made, with the kind of record and its recipe."""

from collections.abc import Mapping
from typing import Any

from pcrm.triggers import made_up, recipes
from pcrm.triggers.acting import Actor
from pcrm.triggers.recipes import Kind, Recipe

# What the feed tells, too, and nobody can bring about in a moment.
NOT_MADE = frozenset(
    {
        *("job.updated", "job.failed", "job.cancelled", "job.progressed"),
        *("webhook.restored", "booking.deleted", "booking.restored"),
        *("booking.held", "booking.no_show"),  # the meeting must have begun
        *("email.deleted", "email.restored"),
        # A sandbox sends nothing.
        *("email.sent", "email.uncertain", "email.bounced", "email.suppressed"),
        "email.failed",
    }
)


def _noted(actor: Actor) -> Mapping[str, Any]:
    return {**made_up.note(), "contact_id": _contact(actor)}


def _called(actor: Actor) -> Mapping[str, Any]:
    return {**made_up.activity(), "contact_id": _contact(actor)}


def _associated(actor: Actor) -> Mapping[str, Any]:
    deal = actor.do("deals", "create", **made_up.deal())["id"]
    ends = {"from_id": deal, "to_id": _contact(actor)}
    return {"type": "deal_contacts", **ends, "role": "Decision maker"}


def _exported(actor: Actor) -> Mapping[str, Any]:
    """An export of one made-up contact, so that it is short."""
    only = [{"field": "id", "operator": "eq", "value": _contact(actor)}]
    return {"resource": "contacts", "format": "csv", "filters": only}


def _hours(actor: Actor) -> Mapping[str, Any]:
    return {"user_id": _user(actor), "time_zone": "Europe/Berlin"}


def _busy(actor: Actor) -> Mapping[str, Any]:
    return {"user_id": _user(actor), **made_up.busy()}


def _booked(actor: Actor) -> Mapping[str, Any]:
    """A booking of the user who acts, whose hours are there for it alone."""
    user = _user(actor)
    hours = actor.do("schedules", "create", **made_up.open_hours(user))["id"]
    hosts = [{"user_id": user, "schedule_id": hours}]
    kind = {**made_up.meeting_type(), "hosts": hosts, "window_days": 365}
    kind["requires_confirmation"] = True
    meeting = actor.do("meeting-types", "create", **kind)["id"]
    return {"meeting_type_id": meeting, **made_up.booking()}


def _sent(actor: Actor) -> Mapping[str, Any]:
    """An e-mail of a sender that is there for it alone."""
    sender = actor.do("senders", "create", **made_up.sender())["id"]
    actor.do("senders", "verify", sender)
    whose = {"sender_id": sender, "to_contact_id": _contact(actor)}
    return {**whose, **made_up.letter()}


def _agreed(actor: Actor) -> Mapping[str, Any]:
    topic = actor.do("topics", "create", **made_up.named())["id"]
    return {"contact_id": _contact(actor), "topic_id": topic, "status": "granted"}


def _user(actor: Actor) -> str:
    """The user who acts."""
    return str(actor.do("tasks", "create", **made_up.named())["created_by"])


def _contact(actor: Actor) -> str:
    """A contact that another record is about."""
    return str(actor.do("contacts", "create", **made_up.contact())["id"])


_KINDS: Mapping[str, Kind] = {
    "contact": Kind(
        "contacts", lambda _: made_up.contact(), {"job_title": "Analyst"}, "owner_id"
    ),
    "company": Kind(
        "companies", lambda _: made_up.company(), {"industry": "Engines"}, "owner_id"
    ),
    "deal": Kind("deals", lambda _: made_up.deal(), {"value": 1000}, "owner_id"),
    "record": Kind(
        *("custom-records", lambda _: made_up.named(), {"tags": ["New"]}, "owner_id"),
        is_own=True,
    ),
    "task": Kind(
        "tasks", lambda _: made_up.named(), {"priority": "high"}, "assignee_id"
    ),
    "note": Kind("notes", _noted, {"body": "Changed"}),
    "activity": Kind("activities", _called, {"subject": "Changed"}),
    "association": Kind("associations", _associated, {"role": "Buyer"}),
    "report": Kind("reports", lambda _: made_up.report(), {"name": "Changed"}),
    "dashboard": Kind("dashboards", lambda _: made_up.named(), {"name": "Changed"}),
    "schedule": Kind("schedules", _hours, {"name": "Changed"}, "user_id"),
    "busy_time": Kind("busy-times", _busy, {"source": "phone"}, "user_id"),
    "meeting_type": Kind(
        "meeting-types", lambda _: made_up.meeting_type(), {"durations": [20]}
    ),
    "booking": Kind("bookings", _booked, made_up.place()),
    "email_template": Kind(
        "email-templates", lambda _: made_up.email_template(), {"subject": "Changed"}
    ),
    "sender": Kind("senders", lambda _: made_up.sender(), {"daily_limit": 500}),
    "email": Kind("emails", _sent, {}),
    "topic": Kind("topics", lambda _: made_up.named(), {"description": "Changed"}),
    "consent": Kind("consents", _agreed, {}),
    "suppression": Kind(
        "suppressions", lambda _: made_up.suppression(), {"reason": "bounced"}
    ),
    "webhook": Kind(
        "webhooks", lambda _: made_up.webhook(), {"description": "Changed"}
    ),
    "job": Kind("exports", _exported, {}),
}
_ALWAYS: Mapping[str, Recipe] = {
    "created": recipes.created,
    "updated": recipes.updated,
    "deleted": recipes.then("delete"),
    "restored": recipes.then("delete", "restore"),
}
_MERGES: Mapping[str, Recipe] = {
    "merged": recipes.merged,
    "unmerged": recipes.unmerged,
}
_FURTHER: Mapping[str, Mapping[str, Recipe]] = {
    "contact": {**_MERGES, "erased": recipes.erased},
    "company": _MERGES,
    "deal": {
        **_MERGES,
        "stage_changed": recipes.moved("open"),
        "won": recipes.moved("won"),
        "lost": recipes.moved("lost"),
        "reopened": recipes.moved("won", "open"),
    },
    "record": _MERGES,
    "booking": {
        "confirmed": recipes.then("confirm"),
        "declined": recipes.then("decline"),
        "cancelled": recipes.then("cancel"),
        "rescheduled": recipes.rescheduled,
    },
    "consent": {
        "updated": recipes.then_its("topics", "topic_id", "delete"),
        "deleted": recipes.then_its("contacts", "contact_id", "delete"),
        "restored": recipes.then_its("contacts", "contact_id", "delete", "restore"),
    },
    "sender": {"verified": recipes.then("verify")},
    "email": {
        "updated": recipes.then_its("senders", "sender_id", "delete"),
        "cancelled": recipes.then("cancel"),
    },
    "task": {
        "completed": recipes.then("complete"),
        "reopened": recipes.then("complete", "reopen"),
    },
    "webhook": {"disabled": recipes.disabled},
}
_OF_JOBS: Mapping[str, Recipe] = dict.fromkeys(
    ("created", "started", "succeeded"), recipes.exported
)


def _verbs(name: str, kind: Kind) -> Mapping[str, Recipe]:
    if name == "job":
        return _OF_JOBS
    given = {"owner_changed": recipes.owner_changed} if kind.owner else {}
    return {**_ALWAYS, **_FURTHER.get(name, {}), **given}


TYPES: Mapping[str, tuple[Kind, Recipe]] = {
    f"{name}.{verb}": (kind, recipe)
    for name, kind in _KINDS.items()
    for verb, recipe in _verbs(name, kind).items()
    if f"{name}.{verb}" not in NOT_MADE
}
