"""The tasks and notes of the demonstration data."""

from collections.abc import Iterator

from google.protobuf.message import Message
from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.crm.v1.notes_pb2 import Note
from prospectconnect.crm.v1.tasks_pb2 import (
    TASK_PRIORITY_HIGH,
    TASK_PRIORITY_LOW,
    TASK_PRIORITY_MEDIUM,
    TASK_STATUS_COMPLETED,
    TASK_STATUS_OPEN,
    Task,
)

from deploy.demo.draws import day_of, drawn_id, last_office_moment, moment_between
from deploy.demo.scene import Relation, Scene
from deploy.demo.timeline import changed, created
from deploy.demo.words import DEAL_NOTES, DEAL_TASKS, NOTES, TASK_DETAILS, TASKS
from services.clock import DAY, from_timestamp, to_timestamp

_PRIORITIES = (TASK_PRIORITY_LOW, TASK_PRIORITY_MEDIUM, TASK_PRIORITY_HIGH)
_PLANNED_WITHIN = 21 * DAY  # open tasks are this recent
_DONE_WITHIN = 14 * DAY


def open_task(
    scene: Scene, relation: Relation, deal: Deal | None = None
) -> Iterator[Message]:
    """An open task that is due around the end of the scene; some are overdue."""
    random, ends = scene.random, scene.ends_at
    start = from_timestamp((deal or relation.contact).created_at)
    start = max(start, last_office_moment(ends - _PLANNED_WITHIN))
    planned = moment_between(random, start, ends)
    due = max(planned, ends + round(random.gauss(3, 8) * DAY))
    yield _task(scene, relation, deal, planned, due)


def completed_task(
    scene: Scene,
    relation: Relation,
    between: tuple[int, int],
    deal: Deal | None = None,
) -> Iterator[Message]:
    """A task that was created and completed between two moments, with its events."""
    random, (start, end) = scene.random, between
    planned = moment_between(random, start, end)
    last = last_office_moment(min(planned + _DONE_WITHIN, end))
    done = moment_between(random, planned, last)
    due = max(planned, done + round(random.gauss(1, 2) * DAY))
    task = _task(scene, relation, deal, planned, due)
    before = Task()
    before.CopyFrom(task)
    task.status = TASK_STATUS_COMPLETED
    task.completed_by = task.assignee_id
    task.completed_at.CopyFrom(to_timestamp(done))
    task.updated_at.CopyFrom(task.completed_at)
    yield task
    yield from changed(scene, before, task, task.completed_by)


def note(
    scene: Scene,
    relation: Relation,
    between: tuple[int, int],
    deal: Deal | None = None,
) -> Iterator[Message]:
    """A note written between two moments, with its events; few are pinned."""
    random, written = scene.random, moment_between(scene.random, *between)
    stamp = to_timestamp(written)
    text = random.choice(NOTES if deal is None else DEAL_NOTES)
    made = Note(
        id=drawn_id(random, "note_", written),
        body=relation.say(text, deal),
        author_id=relation.seller,
        created_by=relation.seller,
        created_at=stamp,
        updated_at=stamp,
        **relation.links(deal),
    )
    if random.random() < 0.07:
        made.pinned = True
        moment = moment_between(random, written, scene.ends_at)
        made.pinned_at.CopyFrom(to_timestamp(moment))
        made.updated_at.CopyFrom(made.pinned_at)
    yield made
    yield from created(scene, made, relation.seller)


def _task(
    scene: Scene, relation: Relation, deal: Deal | None, planned: int, due: int
) -> Task:
    random, stamp = scene.random, to_timestamp(planned)
    name = random.choice(TASKS if deal is None else DEAL_TASKS)
    task = Task(
        id=drawn_id(random, "task_", planned),
        name=relation.say(name, deal),
        priority=random.choices(_PRIORITIES, weights=(2, 6, 3))[0],
        due_date=day_of(last_office_moment(due)),
        status=TASK_STATUS_OPEN,
        assignee_id=relation.seller,
        created_by=relation.seller,
        created_at=stamp,
        updated_at=stamp,
        **relation.links(deal),
    )
    if random.random() < 0.4:
        task.description = random.choice(TASK_DETAILS)
    return task
