"""Groups of records that are duplicates of each other, of those that were looked at.

A group is told at the record with its first id, so that it is told once. It holds at
most `MOST_RECORDS`: when these are merged, the next list tells of the rest.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.caller import Caller
from services.duplicates.likeness import Likeness
from services.duplicates.looking import Looking, Subject

MOST_RECORDS = 25
# Duplicates of duplicates are looked for so many times.
_MOST_STEPS = 5
# So many records are looked for by one statement, and from so many at once is gone on:
# these may lead to `MOST_RECORDS` each. In between a search may end.
_AT_ONCE, _FEW = 50, 10


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
    looking: Looking,
    caller: Caller,
    subjects: Sequence[Subject],
    least: int,
    is_late: Callable[[], bool] = lambda: False,
) -> tuple[Near, int]:
    """Looks for what is like the subjects, and for what is like that.

    Returns it with the number of the subjects, from the first on, whose groups are
    known. These are all, unless it `is_late` after some of them.
    """
    search, done = _Search(looking, caller, least), 0
    while done < len(subjects) and not (done and is_late()):
        some = subjects[done : done + _AT_ONCE]
        await search.look(some)
        for start in range(0, len(some), _FEW):
            if done and is_late():
                break
            few = some[start : start + _FEW]
            await search.go_on(few)
            done += len(few)
    return search.found, done


class _Search:
    """One search for groups: what was found, and from which records."""

    def __init__(self, looking: Looking, caller: Caller, least: int) -> None:
        self._looking, self._caller, self._least = looking, caller, least
        self._known: dict[str, Subject] = {}
        self._looked_from: set[str] = set()
        self.found = Near()

    async def look(self, subjects: Sequence[Subject]) -> None:
        """Looks for what is like some records."""
        front = [each for each in subjects if each.id not in self._looked_from]
        self._looked_from.update(each.id for each in front)
        self._known.update((each.id, each) for each in front)
        for pair in await self._looking.pairs(self._caller, front, self._least):
            self.found.add(pair.start.id, pair.found.id, pair.likeness)
            self._known.setdefault(pair.found.id, pair.found)

    async def go_on(self, subjects: Sequence[Subject]) -> None:
        """Looks for what is like that.

        It does not go on from groups that are told at another record, or are full.
        """
        firsts = {each.id for each in subjects}
        for _ in range(_MOST_STEPS - 1):
            begun = (self.found.around(e) for e in firsts if e in self.found.like)
            going = [ids for ids in begun if len(ids) < MOST_RECORDS]
            on = {each for ids in going if min(ids) in firsts for each in ids}
            front = sorted(on - self._looked_from)
            if not front:
                return
            await self.look([self._known[each] for each in front])


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
