"""What a survivor had of a merged record until the merge was undone, is told anew.

The survivor's history of that time tells what the merge had brought. It is told from
then on as if the merge had brought nothing: a value that was brought becomes the one
that the survivor had itself, and what follows from such values is computed again. What
was set meanwhile is the survivor's own and stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.kinds.formulas import compute
from services.kinds.own_fields import Schema
from services.kinds.record_type import FieldType
from services.postgres.database import Row, Transaction
from services.records.compiled import CompiledKind
from services.records.erasing import lent_statements as sql
from services.records.log.changes import DELETED_AT
from services.records.many.merged import MERGED_IDS, survivors_of
from services.records.many.out_of_turn import (
    Earlier,
    is_same,
    undone_within,
    without,
)
from services.records.reading.states import State, States

# What a merge changes of a survivor that is no value of the merged records.
_ITS_OWN = (MERGED_IDS, DELETED_AT)
# Events of one change have moments of their own, each a microsecond after the other.
_EVENTS = 1_000


@dataclass(slots=True)
class Lent:
    """What a merge that was undone had lent to its survivor, and when.

    `brought` are the values that came with it, each with the value that it replaced.
    `tags` are the texts that were added to lists. `earlier` are merges into the same
    survivor that were undone meanwhile: what is told from then on has nothing of theirs
    either. All are known when the history was read, and so are the survivor's versions:
    `first_version` is the merge's, `end_version` that of the undoing.
    """

    business_id: str
    survivor_id: str
    at: int
    undone_at: int
    xid: str
    undone_xid: str
    brought: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)
    tags: dict[str, set[str]] = field(default_factory=dict)
    earlier: Sequence[Earlier] = ()
    first_version: int | None = None
    end_version: int | None = None

    def learn(self, rows: Sequence[Row], lists: frozenset[str]) -> None:
        """Reads what was brought from the merge's change, and from its undoing.

        The log may have forgotten the first of them. `lists` are the fields of tags.
        """
        for row in rows:
            if row["xid"] == self.xid:
                self.first_version = int(row["version"])
                self._learn(row["was"], row["now"], lists)
            elif row["xid"] == self.undone_xid:
                self.end_version = int(row["version"])
                self._learn(row["now"], row["was"], lists)

    def _learn(self, own: State, brought: State, lists: frozenset[str]) -> None:
        for name, value in brought.items():
            if name not in _ITS_OWN:
                self.brought.setdefault(name, []).append((value, own[name]))
                if name in lists:
                    added = set(value or ()).difference(own[name] or ())
                    self.tags.setdefault(name, set()).update(added)


class Lending:
    """Tells anew what was lent to records of one kind."""

    def __init__(
        self, transaction: Transaction, compiled: CompiledKind[Any], schema: Schema
    ) -> None:
        self._transaction, self._compiled = transaction, compiled
        self._own = schema.of(compiled.kind.table)
        self._states = States(compiled)
        fields = compiled.kind.fields
        self._lists = frozenset(f.name for f in fields if f.type is FieldType.TAGS)

    async def undone(self, business_id: str, ids: Sequence[str]) -> list[Lent]:
        """What records had lent by merges that were undone, the oldest first."""
        given = business_id, list(ids)
        rows = await self._transaction.rows(sql.UNDONE_SQL, *given)
        return [
            Lent(
                business_id=business_id,
                survivor_id=row["survivor_id"],
                at=row["at"],
                undone_at=row["undone_at"],
                xid=row["xid"],
                undone_xid=row["undone_xid"],
            )
            for row in rows
        ]

    async def tell_anew(self, lent: Lent) -> int:
        """Tells the survivor's history of that time anew: how many changes of it."""
        kind, codec = self._compiled.kind, self._compiled.codec
        where = lent.business_id, lent.survivor_id
        statement = sql.survivor_sql(kind, codec.columns)
        today = await self._transaction.row(statement, *where)
        if today is None:  # It was erased itself, with its history.
            return 0
        rows = await self._transaction.rows(sql.CHANGES_SQL, *where, lent.at)
        lent.learn(rows, self._lists)
        lent.earlier = await undone_within(self._transaction, *where, lent.at)
        state = self._states.of(codec.read(today, lent.business_id))
        states = self._before_each(rows, state)
        count = sum(row["at"] <= lent.undone_at for row in rows)
        told = list(self._told(lent, rows[:count], states))
        if told:
            columns = [list(each) for each in zip(*told, strict=True)]
            await self._transaction.run(sql.REWRITE_SQL, *where, *columns)
        return len(told)

    def _before_each(self, rows: Sequence[Row], today: State) -> list[State]:
        """The states before each change, and that of today."""
        states = [today]
        for row in reversed(rows):
            before = dict(states[-1])
            self._states.undo(before, row["was"] or {})
            states.append(before)
        return states[::-1]

    def _told(
        self, lent: Lent, rows: Sequence[Row], states: Sequence[State]
    ) -> list[tuple[Any, ...]]:
        """The changes that are told anew: when they were, was, now and image."""
        told = list[tuple[Any, ...]]()
        is_first = bool(rows) and rows[0]["xid"] == lent.xid
        before = states[0] if is_first else self._without(lent, states[0], rows[0])
        for place, row in enumerate(rows):
            after = states[place + 1]
            if row["xid"] != lent.undone_xid:
                after = self._without(lent, after, row)
            if before is not states[place] or after is not states[place + 1]:
                was, now = self._differences(before, after, row)
                image = None if row["image"] is None else _set(after)
                told.append((row["at"], was, now, image))
            before = after
        return told

    def _without(self, lent: Lent, state: State, row: Row) -> State:
        """A state without what was brought; the same object if it has none of it."""
        states, flat, after = self._states, self._states.flat(state), dict(state)
        for name, brought in lent.brought.items():
            value = flat.get(name)
            own = next((own for each, own in brought if is_same(value, each)), value)
            if own is value and name in self._lists:
                own = [each for each in value or () if each not in lent.tags[name]]
            else:
                gone = [e for e in lent.earlier if e.undone_at <= row["at"]]
                own = without(own, name, gone)
            states.put(after, name, own)
        if after == state:
            return state
        version = int(row["version"])
        record = states.record(after, lent.business_id, row["at"], version)
        self._compiled.complete(record)
        if self._own.formulas:
            compute(record, self._own)
        return states.of(record)

    def _differences(
        self, before: State, after: State, row: Row
    ) -> tuple[State, State]:
        """What a change tells: the values that differ, before and after."""
        old, new = self._states.flat(before), self._states.flat(after)
        names = {**old, **new}.keys() - {DELETED_AT}
        names = {name for name in names if old.get(name) != new.get(name)}
        ended = {DELETED_AT} & row["now"].keys()
        was = {name: row["was"][name] for name in ended}
        now = {name: row["now"][name] for name in ended}
        was |= {name: old.get(name) for name in sorted(names)}
        now |= {name: new.get(name) for name in sorted(names)}
        return was, now

    async def take_tags(self, lent: Lent) -> int:
        """Takes the tags out of what the server told of that time: how many events."""
        tags = sorted(set().union(*lent.tags.values()))
        timeline = self._compiled.kinds["activity"]
        link = self._compiled.kind.policy.timeline_link
        if not tags or not link:
            return 0
        ids = [lent.survivor_id]
        led = await survivors_of(self._transaction, lent.business_id, ids)
        time = lent.at, lent.undone_at + _EVENTS
        statement = sql.timeline_sql(timeline, timeline.by_name[link])
        given = lent.business_id, [*ids, *led.values()], *time, tags
        row = await self._transaction.row(statement, *given)
        return 0 if row is None else int(row[0])


def _set(state: State) -> Mapping[str, Any]:
    """A state as an image has it: what is set."""
    return {n: v for n, v in state.items() if v is not None and n != DELETED_AT}
