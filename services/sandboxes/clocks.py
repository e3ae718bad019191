"""Reads the clocks of sandboxes, and begins the jobs that move them.

A clock is how far the sandbox is ahead of the real time, in its tenant's row. It moves
forward only; a reset puts it back.
"""

from collections.abc import Iterator
from typing import Any

from prospectconnect.iam.v1 import sandboxes_pb2 as pb
from prospectconnect.jobs.v1.jobs_pb2 import JOB_KIND_MOVE_SANDBOX_CLOCK
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Caller, current_call
from services.clock import (
    DAY,
    EPOCH_SECONDS,
    SECOND,
    from_timestamp,
    real_now,
    rfc3339,
    to_timestamp,
)
from services.errors import JobRunning, NotFound, ValidationFailed
from services.faults import Fault
from services.ids import is_id
from services.jobs import queue
from services.jobs.work import Json
from services.postgres.database import Database, Row, Transaction
from services.records.commands import keep_answer
from services.sandboxes.behaviour import tell_clock
from services.sandboxes.durations import later_by, read_duration

# No clock shows this moment: 2100-01-01. A clock runs on after a move, for as long as a
# sandbox lasts, so no move comes as near to it as that.
END = (4_102_444_800 - EPOCH_SECONDS) * SECOND
LAST = END - 31 * DAY

# Values: business, id, the kind of job.
_READ = """
SELECT s.state, n.clock_ahead, n.resets, j.id AS job_id FROM (
  SELECT tenant_id AS business_id, state FROM sandboxes
  WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL
) AS s JOIN tenants AS n ON n.business_id = s.business_id
LEFT JOIN jobs AS j ON j.business_id = $1 AND j.subject_id = $2 AND j.is_open
  AND j.kind = $3::smallint
LIMIT 1
"""
_LOCK = "SELECT 1 FROM sandboxes WHERE business_id = $1 AND id = $2 FOR UPDATE"


class Clocks:
    """The methods of the clocks of sandboxes, as the proto describes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, request: pb.ReadSandboxClockRequest) -> pb.SandboxClock:
        row = await _found(self._database, current_call().caller, request.id)
        ahead = row["clock_ahead"]
        return pb.SandboxClock(
            now=to_timestamp(real_now() + ahead),
            moved=ahead > 0,
            job_id=row["job_id"],
        )

    async def move(
        self, request: pb.MoveSandboxClockRequest
    ) -> pb.MoveSandboxClockResponse:
        """Raises `ValidationFailed`, `NotFound` and `JobRunning`."""
        call = current_call()
        if faults := faults_of(request):
            raise ValidationFailed(faults)
        kind, its = JOB_KIND_MOVE_SANDBOX_CLOCK, (call.caller.business_id, request.id)

        async def run(transaction: Transaction) -> pb.MoveSandboxClockResponse:
            await transaction.run(_LOCK, *its)
            row = await _found(transaction, call.caller, request.id)
            _refuse_busy(row)
            at = _target(request, real_now() + row["clock_ahead"])
            job = queue.drafted(call.caller, kind, request.id)
            task: Json = {"at": at, "resets": row["resets"]}
            await queue.begin(transaction, call.caller.business_id, job, task)
            await tell_clock(request.id, transaction, at=rfc3339(at))
            answer = pb.MoveSandboxClockResponse(job=job)
            await keep_answer(transaction, call, answer)
            return answer

        return await self._database.in_transaction(run)


async def _found(
    database: Database | Transaction, caller: Caller, sandbox_id: str
) -> Row:
    row = None
    if is_id("sbx_", sandbox_id):
        given = caller.business_id, sandbox_id, JOB_KIND_MOVE_SANDBOX_CLOCK
        row = await database.row(_READ, *given)
    if row is None:
        raise NotFound
    return row


def _refuse_busy(row: Any) -> None:
    if row["state"] == pb.SANDBOX_STATE_RESETTING:
        raise JobRunning("The sandbox is being reset. Wait until it is ready.")
    if row["job_id"] is not None:
        raise JobRunning(f"The job {row['job_id']} moves the clock. Wait for its end.")


def faults_of(request: pb.MoveSandboxClockRequest) -> list[Fault]:
    """What is wrong with a request, without a look at the clock."""
    found = list(_faults(request))
    if current_call().unread:  # what seems to lack may be what nobody could read
        required = FaultCode.FAULT_CODE_REQUIRED
        found = [each for each in found if each.code != required]
    return found


def _faults(request: pb.MoveSandboxClockRequest) -> Iterator[Fault]:
    if request.HasField("at") == request.HasField("advance"):
        required, invalid = FaultCode.FAULT_CODE_REQUIRED, FaultCode.FAULT_CODE_INVALID
        code = invalid if request.HasField("at") else required
        yield Fault("at", code, "Give either at or advance.")
    if request.HasField("advance") and read_duration(request.advance) is None:
        message = "Give a duration of whole numbers, such as P1M or P1DT12H."
        yield Fault("advance", FaultCode.FAULT_CODE_INVALID_FORMAT, message)


def _target(request: pb.MoveSandboxClockRequest, shown: int) -> int:
    """The moment to move to, from what the clock shows. Raises `ValidationFailed`."""
    path, at = "at", from_timestamp(request.at)
    if request.HasField("advance"):
        path, duration = "advance", read_duration(request.advance)
        later = None if duration is None else later_by(shown, duration)
        at = END if later is None else later
    if at <= shown:
        message = f"The clock moves forward only. It shows {rfc3339(shown)}."
        raise ValidationFailed([Fault(path, FaultCode.FAULT_CODE_TOO_SMALL, message)])
    if at >= LAST:
        message = f"The clock is moved to before {rfc3339(LAST)}."
        raise ValidationFailed([Fault(path, FaultCode.FAULT_CODE_TOO_LARGE, message)])
    return at
