"""Forms that the services refuse: what each input has to say about it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from google.protobuf.message import Message

from edge.account.user import ask
from edge.problems import Fault, ProblemError
from edge.state import Edge
from edge.web.visit import Visit

_RECORD = re.compile(r"^(?:field|object|association_type|change|replacement)\.")
_OPTION = re.compile(r"^options\[(\d+)\]")
# What the stand-in for a value is called. What stands in faults of stand-ins, and in
# the names of their inputs, is told whole.
IN_MAP = "map."
_WHOLE = (IN_MAP, "to.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was refused.

    Attributes:
        status: The status of the page; 200 where nothing was refused.
        faults: What is wrong, by the input; `options.0` is the first option.
        detail: What is wrong with the form as a whole; else empty.
        reason: The reason of the problem; empty if the services were not asked.
        count: How many records or definitions stand in the way.
        named: Some of them: ids of records, or names of definitions.
    """

    status: int = 200
    faults: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""
    reason: str = ""
    count: int = 0
    named: tuple[str, ...] = ()

    @property
    def is_unfit(self) -> bool:
        """Whether values of records stand in the way."""
        return self.reason == "VALUES_UNFIT"


def of_faults(faults: Iterable[Fault]) -> Refusal | None:
    """A refusal by the first fault of each input; None if there is no fault."""
    messages: dict[str, str] = {}
    of_options: list[str] = []
    for fault in faults:
        path, message = _RECORD.sub("", fault.field), fault.message
        if found := _OPTION.match(path):
            messages.setdefault(f"options.{found[1]}", message)
            of_options.append(f"Option {int(found[1]) + 1}: {message}")
        elif path.startswith(_WHOLE):
            messages.setdefault(path, message)
        else:
            name = path.partition("[")[0].partition(".")[0]
            messages.setdefault(name, message)
    if of_options:
        messages.setdefault("options", " ".join(of_options))
    return Refusal(status=400, faults=messages) if messages else None


async def send(
    edge: Edge, visit: Visit, request: Message, faults: Sequence[Fault] = ()
) -> tuple[Any, Refusal]:
    """Sends a form on. Returns the answer, or None and why it was refused.

    With `faults`, of members that could not be read, the services only look for others.

    Raises:
        ProblemError: The form is refused for a reason that is not the user's to mend.
    """
    try:
        paths = [f"field.{each.field}" for each in faults]
        return await ask(edge, visit, request, paths), Refusal()
    except ProblemError as problem:
        if problem.kind.status not in (409, 412, 422):
            raise
        if faults and (own := of_faults(faults)):
            others = of_faults(problem.members.get("errors", ())) or Refusal()
            return None, replace(own, faults={**others.faults, **own.faults})
        return None, of_problem(problem)


def of_problem(problem: ProblemError) -> Refusal:
    """What a problem says about a form."""
    members = problem.members
    if refusal := of_faults(members.get("errors", ())):
        return refusal
    named = members.get("sample") or members.get("used_by") or ()
    return Refusal(
        status=409,
        detail=problem.detail,
        reason=problem.reason,
        count=members.get("count", 0),
        named=tuple(named),
    )
