"""The order in which the operations of a batch run, and which of them run together.

Operations on one record keep their order. Creates that follow one another are ordered
by what they refer to, and those of one type share a statement; so do gets.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from services.batches.operations import Operation
from services.batches.runnables import CREATE, GET

# Operations that run together: of one type of record, and one method.
Step = list[Operation]


def steps_of(operations: Sequence[Operation]) -> list[Step]:
    """Returns the operations that can be run, in the order of their steps."""
    runnable = [each for each in operations if each.error is None]
    return [
        step
        for verb, run in groupby(runnable, _shared_verb)
        for step in _steps(verb, list(run))
    ]


def _shared_verb(operation: Operation) -> str:
    verb = operation.runnable.verb if operation.runnable is not None else ""
    return verb if verb in (CREATE, GET) else ""


def _steps(verb: str, operations: Sequence[Operation]) -> Iterator[Step]:
    if not verb:
        yield from ([each] for each in operations)
        return
    levels = _levels(operations)
    groups: dict[tuple[int, str, str], Step] = {}
    for each in operations:
        groups.setdefault((levels[each.index], *_type_of(each)), []).append(each)
    for key in sorted(groups, key=lambda key: key[0]):  # stable: else as they came
        yield from _together(groups[key])


def _levels(operations: Sequence[Operation]) -> dict[int, int]:
    """How many of the operations must run before each, one after the other."""
    levels: dict[int, int] = {}
    for each in operations:
        before = (levels.get(link.operation.index, -1) for link in each.links)
        levels[each.index] = max(before, default=-1) + 1
    return levels


def _type_of(operation: Operation) -> tuple[str, str]:
    """The method of an operation, and the custom object that it is about."""
    assert operation.runnable is not None  # noqa: S101 - it has no error
    method = operation.runnable.method
    slug = method.object_field
    return method.name, getattr(operation.request, slug) if slug else ""


def _together(group: Step) -> Iterator[Step]:
    first = group[0].runnable
    if first is not None and first.together:
        yield group
    else:
        yield from ([each] for each in group)
