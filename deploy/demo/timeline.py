"""The timelines of the demonstration data: the server's events, and conversations.

The server's events are made by the same code as in the product.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prospectconnect.crm.v1.activities_pb2 import (
    ACTIVITY_DIRECTION_INBOUND,
    ACTIVITY_DIRECTION_OUTBOUND,
    ACTIVITY_SOURCE_API,
    ACTIVITY_SOURCE_SYSTEM,
    ACTIVITY_TYPE_SYSTEM,
    Activity,
)
from prospectconnect.crm.v1.deals_pb2 import Deal

from deploy.demo.draws import drawn_id, last_office_moment, moment_between
from deploy.demo.scene import Relation, Scene
from deploy.demo.words import CALL, EMAIL, Talk
from services.clock import DAY, from_timestamp, to_timestamp
from services.every_kind import compile_kinds
from services.records import timeline

_KINDS = {each.kind.message: each for each in compile_kinds().values()}
_REPLY_WITHIN = 3 * DAY
_MEETING_SECONDS = (1_800, 2_700, 3_600, 3_600, 5_400)


def created(scene: Scene, record: Any, actor: str) -> list[Activity]:
    """The server's events for a new record; an empty `actor` means no user.

    The scene's log takes note of it.
    """
    scene.log.note(None, record, actor)
    events = _KINDS[type(record)].events(None, record)
    return _seen(scene, record, events, record.created_at, actor)


def changed(scene: Scene, before: Any, after: Any, actor: str) -> list[Activity]:
    """The server's events for a record that changed at its `updated_at`.

    The scene's log takes note of it.
    """
    scene.log.note(before, after, actor)
    events = _KINDS[type(after)].events(before, after)
    return _seen(scene, after, events, after.updated_at, actor)


def conversation(
    scene: Scene,
    relation: Relation,
    talks: Sequence[Talk],
    between: tuple[int, int],
    deal: Deal | None = None,
) -> Iterator[Activity]:
    """E-mails, calls and meetings, in their order, at random times between two."""
    start, end = between
    moments = sorted(moment_between(scene.random, start, end) for _ in talks)
    for talk, moment in zip(talks, moments, strict=True):
        activity = _contact_made(scene, relation, moment, deal)
        activity.type = talk.type
        activity.subject = relation.say(talk.subject, deal)
        activity.body = relation.say(talk.body, deal)
        _fill(scene, activity, talk)
        yield activity
        if talk.reply and scene.random.random() < 0.4:
            soon = last_office_moment(min(moment + _REPLY_WITHIN, end))
            later = moment_between(scene.random, moment, soon)
            reply = _contact_made(scene, relation, later, deal)
            reply.type, reply.direction = EMAIL, ACTIVITY_DIRECTION_INBOUND
            reply.subject, reply.body = f"Re: {activity.subject}", talk.reply
            yield reply


def _fill(scene: Scene, activity: Activity, talk: Talk) -> None:
    """Sets the fields that depend on the type: the direction and the duration."""
    if talk.type == EMAIL:
        activity.direction = ACTIVITY_DIRECTION_OUTBOUND
    elif talk.type == CALL:
        ways = (ACTIVITY_DIRECTION_OUTBOUND, ACTIVITY_DIRECTION_INBOUND)
        activity.direction = scene.random.choices(ways, weights=(7, 3))[0]
        activity.duration_seconds = round(scene.random.lognormvariate(5.9, 0.6))
    else:
        activity.duration_seconds = scene.random.choice(_MEETING_SECONDS)


def _contact_made(
    scene: Scene, relation: Relation, moment: int, deal: Deal | None
) -> Activity:
    activity = _activity(scene, moment, relation.links(deal), relation.seller)
    activity.source = ACTIVITY_SOURCE_API
    activity.created_by = relation.seller
    return activity


def _seen(
    scene: Scene,
    record: Any,
    events: Sequence[timeline.Event],
    stamp: Any,
    actor: str,
) -> list[Activity]:
    """Gives each event a time one microsecond after the last, as the server does."""
    links = timeline.links_of(_KINDS[type(record)].kind, record)
    told = []
    for moment, event in enumerate(events, start=from_timestamp(stamp)):
        activity = _activity(scene, moment, links, actor)
        activity.type, activity.source = ACTIVITY_TYPE_SYSTEM, ACTIVITY_SOURCE_SYSTEM
        activity.metadata.update(event.metadata())
        told.append(activity)
    return told


def _activity(
    scene: Scene, moment: int, links: Mapping[str, Any], actor: str
) -> Activity:
    stamp = to_timestamp(moment)
    return Activity(
        id=drawn_id(scene.random, "act_", moment),
        occurred_at=stamp,
        created_at=stamp,
        updated_at=stamp,
        actor_id=actor or None,
        **links,
    )
