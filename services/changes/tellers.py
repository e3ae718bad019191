"""What readers of changes share: how rows of the log become changes that are told.

The feed and the webhooks differ in what they ask for and in what they send. What a
change is called, what it holds, and whether it fulfils filters is the same for both.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from prospectconnect.crm.v1 import changes_pb2 as pb
from prospectconnect.type.v1.search_pb2 import Filter

from services.caller import Caller
from services.changes.filtering import Judge, Judges
from services.changes.merges import survivors
from services.changes.readers import Readers
from services.changes.states import Moment, States
from services.changes.telling import Teller
from services.kinds.own_fields import Schema
from services.kinds.sensitive import fields_of
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.records.log.changes import DELETED, ERASED
from services.records.reading.states import State

# What is told with a change.
CHANGED, STATE = "changed", "state"

StatesOfRecords = Mapping[Moment, State]


class Tellers:
    """Tells changes of all kinds; `every` are the records of all kinds."""

    def __init__(self, database: Database, every: Mapping[str, Records[Any]]) -> None:
        self._database = database
        self.readers = Readers(next(iter(every.values())).kinds)
        by_table = {each.kind.table: each for each in every.values()}
        told = {name: by_table[name] for name in self.readers.by_table}
        self.states = States(database, told, self.readers)
        self._tellers = {name: Teller(each.kind) for name, each in told.items()}
        self._judges = Judges(database)

    @property
    def unjudged(self) -> int:
        """How many changes were told because filters could not judge them."""
        return self._judges.unjudged

    async def telling(
        self, business_id: str, rows: Sequence[Row], *, has_merges: bool
    ) -> Callable[[Row], pb.Change]:
        """Returns what tells one of the rows, still without its values."""
        merged = rows if has_merges else ()
        into = await survivors(self._database, business_id, merged)

        def tell(row: Row) -> pb.Change:
            survivor = into.get((row["xid"], row["record_id"]))
            teller = self._teller(row)
            return teller.tell(business_id, row, survivor, survivor is not None)

        return tell

    def judge(
        self, name: str, filters: Sequence[Filter], schema: Schema, caller: Caller
    ) -> Judge:
        """What judges records of a type by filters. Raises `ValidationFailed`."""
        own = fields_of(schema, name, caller, searching=True)
        kind = self.readers.kind_of(name)
        return self._judges.judge(kind, filters, own, caller.business_id)

    async def fitting(
        self, judge: Judge, rows: Iterable[Row], states: StatesOfRecords
    ) -> set[Moment]:
        """The changes whose states fulfil the filters.

        Erasures are all told: nobody can say any more what the record was.
        """
        keys = {moment_of(row): row for row in rows}
        known = [key for key in keys if key in states]
        found = await self._judges.fitting(judge, [states[key] for key in known])
        fits = {key for key, is_so in zip(known, found, strict=True) if is_so}
        return fits | {k for k, row in keys.items() if row["operation"] == ERASED}

    def add_parts(
        self,
        told: tuple[pb.Change, Row],
        include: Collection[str],
        states: StatesOfRecords,
        reader: tuple[Schema, Caller],
    ) -> None:
        """Adds values and state to a change, as far as they are asked for."""
        (change, row), (schema, caller) = told, reader
        own, teller = fields_of(schema, row["object"], caller), self._teller(row)
        if caller.sandbox:
            change.sandbox = True
        if CHANGED in include:
            teller.tell_changed(change, row, own)
        state = states.get(moment_of(row)) if STATE in include else None
        if state is not None and row["operation"] not in (DELETED, ERASED):
            teller.tell_state(change, state, own)

    def _teller(self, row: Row) -> Teller:
        return self._tellers[self.readers.kind_of(row["object"]).table]


def moment_of(row: Row) -> Moment:
    """A change by its record and its moment."""
    return row["record_id"], row["at"]
