"""The counters of a worker of jobs, for metrics.

As elsewhere, keys are fixed at start, so that another thread can read them at any time.
"""

from dataclasses import dataclass, field

from prospectconnect.jobs.v1 import jobs_pb2 as pb

from services.jobs.work import ENDED

# How a job ended, by kind and state, e.g. `("create_field", "failed")`.
Ends = dict[tuple[str, str], int]


def kind_name(kind: int) -> str:
    """A kind as public JSON writes it."""
    return pb.JobKind.Name(pb.JobKind.ValueType(kind))[len("JOB_KIND_") :].lower()


def state_name(state: int) -> str:
    """A state as public JSON writes it."""
    return pb.JobState.Name(pb.JobState.ValueType(state))[len("JOB_STATE_") :].lower()


def _no_ends() -> Ends:
    kinds = [kind_name(each) for each in pb.JobKind.values() if each]
    return {(kind, state_name(state)): 0 for kind in kinds for state in sorted(ENDED)}


@dataclass(slots=True)
class JobFigures:
    """What the worker of one process did, and how the queue of all tenants is.

    `open` jobs have work left, and the oldest of them was begun `oldest_seconds` ago.
    """

    steps: int = 0
    step_seconds: float = 0.0
    failed_steps: int = 0
    ended: Ends = field(default_factory=_no_ends)
    open: int = 0
    oldest_seconds: float = 0.0
