"""Tasks: what people have to do."""

from typing import Any

from prospectconnect.crm.v1 import tasks_pb2 as pb

from services.caller import current_call
from services.clock import now, to_timestamp
from services.past.fields import Past
from services.records.behaviour import Behaviour
from services.records.engine import Records
from services.records.timeline import Event


def events(before: pb.Task | None, after: pb.Task) -> list[Event]:
    """Returns an event for a completed or reopened task."""
    if before is None or before.status == after.status:
        return []
    is_done = after.status == pb.TASK_STATUS_COMPLETED
    name = "task_completed" if is_done else "task_reopened"
    return [Event(name, about=("task_id", after.id))]


class TaskMethods:
    """The methods of tasks that are not standard, as the proto describes them."""

    def __init__(self, records: Records[pb.Task]) -> None:
        self._records = records

    async def CompleteTask(self, request: pb.CompleteTaskRequest, _: Any) -> Any:
        call = current_call()

        def complete(task: pb.Task) -> None:
            if task.status != pb.TASK_STATUS_COMPLETED:
                task.status = pb.TASK_STATUS_COMPLETED
                task.completed_at.CopyFrom(to_timestamp(now()))
                task.completed_by = call.caller.user_id

        return await self._records.update(call, request.id, complete, request.etag)

    async def ReopenTask(self, request: pb.ReopenTaskRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(), request.id, reopen, request.etag
        )


def reopen(task: pb.Task) -> None:
    """Reopens a task. Also sets the status of a new one."""
    task.status = pb.TASK_STATUS_OPEN
    task.ClearField("completed_at")
    task.ClearField("completed_by")


def past(task: pb.Task, told: Past) -> Past:
    """The moments of a task that was made elsewhere: with `completed_at` it is done."""
    if "completed_at" in told:
        task.status = pb.TASK_STATUS_COMPLETED
    return told


BEHAVIOUR = Behaviour(events=events, methods=TaskMethods, begin=reopen, past=past)
