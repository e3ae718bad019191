"""The records after changes: an image or the record of today, with the rest undone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.changes.readers import Readers
from services.postgres.database import Database, Row
from services.records.engine import Records
from services.records.log.changes import OWN_TIME
from services.records.log.job_changes import UNKEPT
from services.records.reading import states
from services.records.reading.states import State

# What follows the last changes of records in a page, up to the next image. Values:
# business, the records' ids, the moments of these changes.
_FOLLOWING = """
SELECT l.record_id, l.at AS since, f.version, f.was, f.image
FROM unnest($2::text[], $3::timestamptz[]) AS l (record_id, at), LATERAL (
  SELECT c.at, c.version, c.was, c.image FROM changes AS c
  WHERE c.business_id = $1 AND c.record_id = l.record_id AND c.at > l.at
    AND c.at <= coalesce((
      SELECT i.at FROM changes AS i WHERE i.business_id = $1
        AND i.record_id = l.record_id AND i.at > l.at AND i.image IS NOT NULL
      ORDER BY i.at LIMIT 1), 'infinity')
) AS f ORDER BY l.record_id, l.at, f.at
"""


# A change by its record and its moment.
Moment = tuple[str, int]


class States:
    """Finds the states of records; `every` are the records of all kinds, by table."""

    def __init__(
        self, database: Database, every: Mapping[str, Records[Any]], readers: Readers
    ) -> None:
        self._database, self._every, self._readers = database, every, readers
        self._states = {
            table: states.States(records.compiled) for table, records in every.items()
        }

    async def after(self, business_id: str, rows: Sequence[Row]) -> dict[Moment, State]:
        """The record after each of the changes, by its id and the moment.

        The changes of a record are in their order. Some between them may be missing:
        those made while it was private. An erased record has no states.
        """
        runs = _runs(rows)
        lasts = [each[-1] for each in runs]
        today = await self._today(business_id, lasts)
        open_ones = [e for e in lasts if e["record_id"] in today and not e["image"]]
        following: dict[Moment, list[Row]] = {}
        if open_ones:
            ids = [each["record_id"] for each in open_ones]
            where = business_id, ids, [each["at"] for each in open_ones]
            for row in await self._database.rows(_FOLLOWING, *where):
                moment = row["record_id"], row["since"]
                following.setdefault(moment, []).append(row)
        found: dict[Moment, State] = {}
        for changes in runs:
            last = changes[-1]
            if last["record_id"] in today:
                kind = self._readers.kind_of(last["object"])
                table = kind.table
                if kind.policy.told_to_maker:
                    found |= _of_images(changes, today[last["record_id"]][0])
                    continue
                later = following.get((last["record_id"], last["at"]), ())
                state = self._last(table, last, later, *today[last["record_id"]])
                found |= self._back(table, changes, state)
        return found

    async def _today(
        self, business_id: str, rows: Iterable[Row]
    ) -> dict[str, tuple[State, int]]:
        """The records of today, deleted ones too, with their versions.

        They are read before what follows, so that each change of them is among that.
        """
        by_table: dict[str, set[str]] = {}
        for row in rows:
            table = self._readers.kind_of(row["object"]).table
            by_table.setdefault(table, set()).add(row["record_id"])
        found = {}
        for table, ids in by_table.items():
            codec, its = self._every[table].codec, self._states[table]
            sql = (
                f"SELECT {codec.columns}, r.id FROM {table} AS r"
                " WHERE r.business_id = $1 AND r.id = ANY($2::text[])"
            )
            for row in await self._database.rows(sql, business_id, sorted(ids)):
                state = its.of(codec.read(row, business_id))
                found[row[codec.width]] = state, row[codec.width - 1]
        return found

    def _last(
        self, table: str, last: Row, later: Sequence[Row], today: State, version: int
    ) -> State:
        """The record after the last change of it in a page."""
        if last["image"]:
            return dict(last["image"])
        if later and later[-1]["image"]:
            state = dict(later[-1]["image"])
        else:
            state, later = (
                dict(today),
                [row for row in later if row["version"] <= version],
            )
        for row in reversed(later):
            self._states[table].undo(state, row["was"] or {})
        return state

    def _back(
        self, table: str, changes: Sequence[Row], state: State
    ) -> dict[tuple[str, int], State]:
        found = {}
        for row in reversed(changes):
            found[row["record_id"], row["at"]] = {**state, OWN_TIME: row["at"]}
            self._states[table].undo(state, row["was"] or {})
        return found


def _of_images(changes: Sequence[Row], today: State) -> dict[Moment, State]:
    """The records after changes that each hold the record.

    What they do not keep is as it is today, once the work has ended.
    """
    unkept = {name: today[name] for name in UNKEPT & today.keys()}
    return {
        (row["record_id"], row["at"]): {
            **row["image"],
            **(unkept if "finished_at" in row["image"] else {}),
            OWN_TIME: row["at"],
        }
        for row in changes
    }


def _runs(rows: Iterable[Row]) -> list[list[Row]]:
    """The changes of each record, in parts that follow each other without a hole."""
    found: list[list[Row]] = []
    newest: dict[str, list[Row]] = {}
    for row in rows:
        run = newest.get(row["record_id"])
        if run is None or row["version"] != run[-1]["version"] + 1:
            run = newest[row["record_id"]] = []
            found.append(run)
        run.append(row)
    return found
