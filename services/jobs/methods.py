"""The methods of jobs that are not standard: waiting for one, and cancelling it."""

import asyncio
from collections import Counter
from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.caller import Caller, current_call
from services.errors import NotFound
from services.jobs import queue
from services.jobs.work import ENDED
from services.postgres.database import Transaction
from services.records.behaviour import Behaviour
from services.records.commands import keep_answer
from services.records.engine import Records

LONGEST_WAIT = 20
_LOOK_SECONDS = 0.25
# A call is answered so long before its deadline, so that the answer arrives.
_MARGIN_SECONDS = 1.0
# Where so many calls of a tenant wait in a process, further ones are answered at once:
# each asks the database four times a second.
MOST_WAITING = 64


class JobMethods:
    """The methods of jobs, as the proto describes them."""

    def __init__(self, records: Records[pb.Job]) -> None:
        self._records = records
        self._waiting: Counter[str] = Counter()

    async def WaitJob(self, request: pb.WaitJobRequest, context: Any) -> pb.Job:
        caller = current_call().caller
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
        call, records = current_call(), self._records
        await records.get(call.caller, request.id)
        business_id = call.caller.business_id

        async def run(transaction: Transaction) -> pb.Job:
            await queue.cancel(transaction, business_id, request.id)
            sql = records.compiled.get_sql
            row = await transaction.row(sql, business_id, request.id)
            if row is None:
                raise NotFound
            job: pb.Job = records.codec.read(row, business_id)
            await keep_answer(transaction, call, job)
            return job

        return await records.database.in_transaction(run)


BEHAVIOUR: Behaviour[pb.Job] = Behaviour(methods=JobMethods)
