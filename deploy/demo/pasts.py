"""How contacts of the demonstration data came to be what they are, by several users.

A past is made backwards: from the contact of today, one step after the other is taken
back. So the last state is the contact itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from prospectconnect.crm.v1.activities_pb2 import Activity
from prospectconnect.crm.v1.contacts_pb2 import (
    LIFECYCLE_STAGE_CUSTOMER,
    LIFECYCLE_STAGE_SUBSCRIBER,
    Contact,
)

from deploy.demo.draws import moment_between
from deploy.demo.people import TITLES
from deploy.demo.scene import Scene
from deploy.demo.timeline import changed, created
from services.clock import from_timestamp, to_timestamp

_TIERS = ("bronze", "silver", "gold")
_TIER = "account_tier"

# What takes one step back.
_Undo = Callable[[Contact], None]


@dataclass(frozen=True, slots=True)
class _Step:
    """A change of a contact: its time, its user, and what takes it back."""

    at: int
    actor: str
    undo: _Undo


def past(scene: Scene, contact: Contact, talks: Sequence[Activity]) -> list[Activity]:
    """The events of a contact's timeline, from its creation on, and its log.

    It sets `updated_at` to its last change.
    """
    random = Random(f"past of {contact.id}")  # noqa: S311 -- not a secret
    steps = sorted(
        (*_own_steps(random, scene, contact), *_talked(talks)), key=lambda s: s.at
    )
    states = [contact]
    for step in reversed(steps):
        before = Contact()
        before.CopyFrom(states[-1])
        step.undo(before)
        states.append(before)
    states.reverse()
    first = states[0]
    first.updated_at.CopyFrom(first.created_at)
    events = created(scene, first, contact.created_by)
    last = from_timestamp(first.created_at)
    for step, before, after in zip(steps, states, states[1:], strict=False):
        last = max(step.at, last + 1)
        after.updated_at.CopyFrom(to_timestamp(last))
        events += changed(scene, before, after, step.actor)
    return events


def _talked(talks: Sequence[Activity]) -> Iterator[_Step]:
    """Each conversation has set when the contact was last contacted."""
    told = sorted(talks, key=lambda each: from_timestamp(each.occurred_at))
    for before, talk in zip((None, *told), told, strict=False):
        at = from_timestamp(talk.occurred_at)
        yield _Step(at, talk.created_by, _uncontacted(before))


def _own_steps(random: Random, scene: Scene, contact: Contact) -> list[_Step]:
    """What users have changed by themselves, at random times, in this order."""
    undoing = [*_stages(contact), *_values(random, scene, contact)]
    begin = from_timestamp(contact.created_at)
    moments = sorted(moment_between(random, begin, scene.ends_at) for _ in undoing)
    return [
        _Step(at, random.choice(scene.sellers), undo)
        for at, undo in zip(moments, undoing, strict=True)
    ]


def _stages(contact: Contact) -> Iterator[_Undo]:
    """A contact came to its stage by the stages before."""
    stage = contact.lifecycle_stage
    if LIFECYCLE_STAGE_SUBSCRIBER < stage <= LIFECYCLE_STAGE_CUSTOMER:
        for before in range(max(stage - 2, LIFECYCLE_STAGE_SUBSCRIBER), stage):
            yield _staged(before)


def _values(random: Random, scene: Scene, contact: Contact) -> Iterator[_Undo]:
    """Few values were not as they are; an owner and a title may have changed."""
    if contact.phone and contact.email:
        yield lambda state: state.ClearField("phone")
    if contact.job_title:
        yield _titled(random.choice([e for e in TITLES if e != contact.job_title]))
    others = [each for each in scene.sellers if each != contact.owner_id]
    if contact.owner_id and others and random.random() < 0.6:
        yield _owned(random.choice(others))
    if contact.tags:
        yield _untagged
    if _TIER in contact.custom_fields:
        tier = contact.custom_fields[_TIER]
        yield _tiered(random.choice([each for each in _TIERS if each != tier]))


def _uncontacted(before: Activity | None) -> _Undo:
    def undo(state: Contact) -> None:
        if before is None:
            state.ClearField("last_contacted_at")
        else:
            state.last_contacted_at.CopyFrom(before.occurred_at)

    return undo


def _staged(stage: int) -> _Undo:
    def undo(state: Contact) -> None:
        state.lifecycle_stage = stage  # type: ignore[assignment]  # of the enum

    return undo


def _titled(title: str) -> _Undo:
    def undo(state: Contact) -> None:
        state.job_title = title

    return undo


def _owned(user_id: str) -> _Undo:
    def undo(state: Contact) -> None:
        state.owner_id = user_id

    return undo


def _tiered(tier: str) -> _Undo:
    def undo(state: Contact) -> None:
        state.custom_fields[_TIER] = tier

    return undo


def _untagged(state: Contact) -> None:
    del state.tags[-1]
