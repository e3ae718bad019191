"""Every kind of record: those of the protos, and what they add to the engine."""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.message import Message

from services.crm import activities, associations, contacts, deals, notes, tasks
from services.emails import behaviour as emails
from services.jobs import methods as jobs
from services.kinds.descriptors import record_types
from services.mail import templates
from services.meetings import bookings, busy_times, meeting_types, schedules
from services.record_messages import policy_of, record_messages
from services.records.behaviour import Behaviour
from services.records.compiled import CompiledKind, compile_kind
from services.sandboxes import behaviour as sandboxes
from services.schema import association_types, fields, objects
from services.senders import behaviour as senders
from services.webhooks import behaviour as webhooks

# What kinds add, by their resource. A kind that is not here adds nothing.
BEHAVIOURS: Mapping[str, Behaviour[Any]] = {
    "contact": contacts.BEHAVIOUR,
    "deal": deals.BEHAVIOUR,
    "task": tasks.BEHAVIOUR,
    "note": notes.BEHAVIOUR,
    "activity": activities.BEHAVIOUR,
    "association": associations.BEHAVIOUR,
    "association_type": association_types.BEHAVIOUR,
    "field": fields.BEHAVIOUR,
    "object": objects.BEHAVIOUR,
    "job": jobs.BEHAVIOUR,
    "webhook": webhooks.BEHAVIOUR,
    "sandbox": sandboxes.BEHAVIOUR,
    "schedule": schedules.BEHAVIOUR,
    "busy_time": busy_times.BEHAVIOUR,
    "booking": bookings.BEHAVIOUR,
    "meeting_type": meeting_types.BEHAVIOUR,
    "email_template": templates.BEHAVIOUR,
    "email": emails.BEHAVIOUR,
    "sender": senders.BEHAVIOUR,
}

CompiledKinds = Mapping[str, CompiledKind[Any]]


def in_lock_order(messages: Iterable[type[Message]]) -> tuple[type[Message], ...]:
    """Record messages, each after those that it refers to.

    Several records are always locked in this order, so that no two calls wait for each
    other: a deletion locks a record before it clears the links to it. Where records
    refer to each other in a circle, the order is the same each time.
    """
    by_resource = {policy_of(each).resource: each for each in messages}
    types = record_types(by_resource.values())
    ordered: dict[str, type[Message]] = {}
    entered: set[str] = set()

    def enter(resource: str) -> None:
        if resource in entered or resource not in types:
            return
        entered.add(resource)
        for field in types[resource].fields:
            enter(field.references)
        ordered[resource] = by_resource[resource]

    for resource in types:
        enter(resource)
    return tuple(ordered.values())


KINDS = in_lock_order(record_messages())


def compile_kinds() -> CompiledKinds:
    """Compiles every kind of record with its behaviour. The keys are resources."""
    kinds = record_types(KINDS)
    return {
        name: compile_kind(kind, kinds, BEHAVIOURS.get(name, Behaviour()))
        for name, kind in kinds.items()
    }
