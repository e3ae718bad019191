"""The methods of jobs that are not standard: waiting for one, and cancelling it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.caller import Call, Caller, current_call
from services.errors import NotFound
from services.jobs import queue
from services.jobs.apps import count_own, find_own, refuse_others
from services.jobs.work import ENDED
from services.postgres.database import Transaction
from services.records.behaviour import Behaviour
from services.records.commands import keep_answer
from services.records.engine import Records
from services.records.reading.short_pages import short_page
from services.standard import Kept, standard_methods

# Refuses a caller who may not begin such a job: `PermissionDenied`.
Right = Callable[[Caller, pb.Job], Awaitable[None]]
Rights = Mapping[int, Right]

LONGEST_WAIT = 20
_LOOK_SECONDS = 0.25
# A call is answered so long before its deadline, so that the answer arrives.
_MARGIN_SECONDS = 1.0
# Where so many calls of a tenant wait in a process, further ones are answered at once:
# each asks the database four times a second.
MOST_WAITING = 64


class JobMethods:
    """The methods of jobs, as the proto describes them.

    `rights` check what beginning a job of a kind takes.
    """

    def __init__(self, kept: Kept, rights: Rights) -> None:
        self._rights = rights
        self._records: Records[pb.Job] = kept.records
        service = pb.DESCRIPTOR.services_by_name["JobService"]
        self._standard = standard_methods(service, kept)
        self._waiting: Counter[str] = Counter()

    async def GetJob(self, request: pb.GetJobRequest, context: Any) -> Any:
        await refuse_others(self._records, current_call().caller, request.id)
        return await self._standard["GetJob"](request, context)

    async def SearchJobs(self, request: pb.SearchJobsRequest, context: Any) -> Any:
        call = current_call()
        await find_own(self._records, call, request)
        return await short_page(self._standard["SearchJobs"], call, request, context)

    async def AggregateJobs(
        self, request: pb.AggregateJobsRequest, context: Any
    ) -> Any:
        count_own(current_call())
        return await self._standard["AggregateJobs"](request, context)

    async def WaitJob(self, request: pb.WaitJobRequest, context: Any) -> pb.Job:
        caller = current_call().caller
        await refuse_others(self._records, caller, request.id)
        tenant = caller.business_id
        seconds = float(request.wait_seconds or LONGEST_WAIT)
        left = context.time_remaining()
        if left is not None:
            seconds = min(seconds, left - _MARGIN_SECONDS)
        if self._waiting[tenant] >= MOST_WAITING:
            seconds = 0.0
        self._waiting[tenant] += 1
        try:
            return await self._wait(caller, request.id, seconds)
        finally:
            self._waiting[tenant] -= 1
            if not self._waiting[tenant]:
                del self._waiting[tenant]

    async def _wait(self, caller: Caller, job_id: str, seconds: float) -> pb.Job:
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            job = await self._records.get(caller, job_id)
            left = until - loop.time()
            if job.state in ENDED or left <= 0:
                return job
            await asyncio.sleep(min(_LOOK_SECONDS, left))

    async def CancelJob(self, request: pb.CancelJobRequest, _: Any) -> pb.Job:
        call = current_call()
        await refuse_others(self._records, call.caller, request.id)
        job = await self._records.get(call.caller, request.id)
        await self._rights[job.kind](call.caller, job)
        return await cancel(self._records, call, request.id)


async def cancel(records: Records[pb.Job], call: Call, job_id: str) -> pb.Job:
    """Wants a job to end that the caller sees; the job as it is then."""
    await records.get(call.caller, job_id)
    business_id = call.caller.business_id

    async def run(transaction: Transaction) -> pb.Job:
        await queue.cancel(transaction, business_id, job_id)
        row = await transaction.row(records.compiled.get_sql, business_id, job_id)
        if row is None:
            raise NotFound
        job: pb.Job = records.codec.read(row, business_id)
        await keep_answer(transaction, call, job)
        return job

    return await records.database.in_transaction(run)


BEHAVIOUR: Behaviour[pb.Job] = Behaviour()
