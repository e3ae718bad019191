"""Tasks: what people have to do."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from prospectconnect.crm.v1 import tasks_pb2 as pb
from prospectconnect.crm.v1 import tasks_pb2_grpc

from services.caller import current_call
from services.clock import now, to_timestamp
from services.kinds import masks
from services.records.engine import Records
from services.search.searches import Searches


class TaskService(tasks_pb2_grpc.TaskServiceServicer):
    """The methods of `TaskService`; what they promise stands in the proto."""

    def __init__(self, records: Records, searches: Searches) -> None:
        self._records = records
        self._searches = searches

    async def GetTask(self, request: pb.GetTaskRequest, _: Any) -> Any:
        return await self._records.get(current_call().caller, request.id)

    async def SearchTasks(self, request: pb.SearchTasksRequest, _: Any) -> Any:
        return await self._searches.search(
            current_call(), request, pb.SearchTasksResponse
        )

    async def CreateTask(self, request: pb.CreateTaskRequest, _: Any) -> Any:
        return await self._records.create(current_call(), request.task, reopen)

    async def UpdateTask(self, request: pb.UpdateTaskRequest, _: Any) -> Any:
        return await self._records.update(
            current_call(),
            request.id,
            masks.writer(self._records.kind, request),
            request.etag,
        )

    async def DeleteTask(self, request: pb.DeleteTaskRequest, _: Any) -> Empty:
        await self._records.delete(current_call(), request.id, request.etag)
        return Empty()

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
    """Makes a task open."""
    task.status = pb.TASK_STATUS_OPEN
    task.ClearField("completed_at")
    task.ClearField("completed_by")
