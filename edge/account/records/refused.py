"""Why nothing was done, in words: a problem of the services as a page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from edge.account.user import ask
from edge.problems import Fault, ProblemError
from edge.state import Edge
from edge.web.visit import Visit

# Those that stand in the state of the records. All others have a page of their own.
_SHOWN = (404, 409, 410, 412, 422)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was done.

    `status` is that of the page, 200 where nothing was refused. `named` are the ids of
    records and merges that stand in the way.
    """

    status: int = 200
    detail: str = ""
    faults: Sequence[Fault] = ()
    named: Sequence[str] = ()


async def send(edge: Edge, visit: Visit, request: Message) -> tuple[Any, Refused]:
    """Sends a request on. Returns the answer, or None and why it was refused."""
    try:
        return await ask(edge, visit, request), Refused()
    except ProblemError as problem:
        if problem.kind.status not in _SHOWN:
            raise
        return None, of_problem(problem)


def of_problem(problem: ProblemError) -> Refused:
    """What a problem says."""
    status, members = problem.kind.status, problem.members
    return Refused(
        status=400 if status == 422 else status,
        detail=problem.detail,
        faults=members.get("errors", ()),
        named=members.get("used_by", ()),
    )
