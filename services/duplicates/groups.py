"""Groups of records that are duplicates of each other, of those that were looked at.

A group is told at the record with its first id, so that it is told once. It holds at
most `MOST_RECORDS`: when these are merged, the next list tells of the rest.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.caller import Caller
from services.duplicates.likeness import Likeness
from services.duplicates.looking import Looking, Subject

MOST_RECORDS = 25
# Duplicates of duplicates are looked for so many times.
_MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class Group:
    """The ids of a group's records, and what holds these together."""

    ids: Sequence[str]
    score: int
    reasons: Sequence[str]


@dataclass(slots=True)
class Near:
    """The records near some others: which are alike."""

    like: dict[str, dict[str, Likeness]] = field(default_factory=dict)

    def add(self, one: str, other: str, likeness: Likeness) -> None:
        self.like.setdefault(one, {})[other] = likeness
        self.like.setdefault(other, {})[one] = likeness

    def around(self, start: str) -> set[str]:
        """The record and the nearest of those that lead on from it."""
        found, waiting = {start}, deque([start])
        while waiting:
            for other in sorted(self.like.get(waiting.popleft(), ())):
                if other not in found and len(found) < MOST_RECORDS:
                    found.add(other)
                    waiting.append(other)
        return found


async def near(
    looking: Looking, caller: Caller, subjects: Sequence[Subject], least: int
) -> Near:
    """Looks for what is like the subjects, and for what is like that.

    It does not go on from groups that are told at another record, or that are full.
    """
    found, known = Near(), {each.id: each for each in subjects}
    front, looked_from = list(subjects), set[str]()
    for _ in range(_MOST_STEPS):
        looked_from.update(each.id for each in front)
        for pair in await looking.pairs(caller, front, least):
            found.add(pair.start.id, pair.found.id, pair.likeness)
            known.setdefault(pair.found.id, pair.found)
        begun = (found.around(each.id) for each in subjects if each.id in found.like)
        going = [ids for ids in begun if len(ids) < MOST_RECORDS]
        firsts = {each.id for each in subjects}
        on = {each for ids in going if min(ids) in firsts for each in ids}
        front = [known[each] for each in sorted(on - looked_from)]
        if not front:
            break
    return found


def group_of(subject: Subject, found: Near) -> Group | None:
    """The group that a record has the first id of, if there is one."""
    ids = found.around(subject.id)
    if len(ids) < 2 or min(ids) != subject.id:
        return None
    held = [
        [likeness for other, likeness in found.like[each].items() if other in ids]
        for each in sorted(ids)
    ]
    # Each record is held by the one that is most like it.
    score = min(max(likeness.score for likeness in each) for each in held)
    reasons = sorted({name for each in held for like in each for name in like.reasons})
    return Group(sorted(ids), score, reasons)
