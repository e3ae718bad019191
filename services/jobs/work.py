"""A job as its runner sees it: what is to do, how far it is, and how it ends."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.postgres.database import Transaction

Json = dict[str, Any]

ENDED = frozenset((pb.JOB_STATE_SUCCEEDED, pb.JOB_STATE_FAILED, pb.JOB_STATE_CANCELLED))
# What people read about a fault of ours.
OUR_FAULT = "The job could not do its work. The fault is ours, not yours."

# What problem documents of the same type say besides.
_AS_DOCUMENTS: Mapping[str, Json] = MappingProxyType(
    {
        "conflict": {"title": "Conflict", "status": 409},
        "validation": {"title": "Validation failed", "status": 422},
        "forbidden": {"title": "Forbidden", "status": 403},
        "unauthorized": {"title": "Unauthorized", "status": 401},
        "gone": {"title": "Gone", "status": 410},
        "server-error": {"title": "Internal server error", "status": 500},
    }
)


class NotNowError(Exception):
    """A step could not be done because of something outside: it is done later.

    The job is not given up, however often that happens.
    """


@dataclass(slots=True)
class Work:
    """One job in one step. What the step leaves in it is stored with what it did.

    `task` is the runner's own: what is to do, and how far that is. `is_cancelled`:
    somebody wants it to end. `is_given_up`: so many steps failed that it has to end.
    `is_open`: there is work left, be the job ended or not. `has_ended_now`: the job
    ends by this step. `rests_seconds`: so long nothing is to do.
    """

    business_id: str
    id: str
    kind: int
    subject_id: str
    state: int
    task: Json
    progress: Json
    is_cancelled: bool = False
    is_given_up: bool = False
    problem: Json | None = None
    result: Json | None = None
    is_open: bool = True
    has_ended_now: bool = False
    rests_seconds: float = 0.0

    @property
    def has_ended(self) -> bool:
        """Whether the job has ended. It may still have work that clients do not see."""
        return self.state in ENDED

    @property
    def has_to_end(self) -> bool:
        """Whether the job runs and is to end before its work is done."""
        return not self.has_ended and (self.is_cancelled or self.is_given_up)

    def count(self, done: int, failed: int = 0) -> None:
        """Adds to what is done; `failed` is part of it.

        What a job does after its end, to take back what it did, is no progress.
        """
        if self.has_ended:
            return
        self.progress["done"] = self.progress.get("done", 0) + done
        self.progress["failed"] = self.progress.get("failed", 0) + failed

    def succeed(self, result: Json) -> None:
        """Ends the job with its work done. What has gone meanwhile is no work."""
        self.progress["total"] = self.progress.get("done", 0)
        self._end(pb.JOB_STATE_SUCCEEDED, result)

    def fail(self, problem: Json, result: Json) -> None:
        """Ends the job with its work not done."""
        self.problem = problem | _AS_DOCUMENTS[problem["type"]]
        self._end(pb.JOB_STATE_FAILED, result)

    def stop(self, result: Json) -> None:
        """Ends a job that has to end."""
        if self.is_given_up:
            self.fail({"type": "server-error", "detail": OUR_FAULT}, result)
        else:
            self._end(pb.JOB_STATE_CANCELLED, result)

    def _end(self, state: int, result: Json) -> None:
        self.state, self.result, self.has_ended_now = state, result, True


# Does the next step of a job, in the step's transaction: some hundredths of a second,
# and no lock for longer than a tenth.
Runner = Callable[[Transaction, Work], Awaitable[None]]
Runners = Mapping[int, Runner]
# Runs a step in a transaction: what some kinds of jobs need instead of a plain one.
InTransaction = Callable[
    [Callable[[Transaction], Awaitable["Work | None"]]], Awaitable["Work | None"]
]
Transactions = Mapping[int, InTransaction]
