"""The history of some records of the demonstration data, as the log of changes has it.

Contacts and deals whose story is kept have one row for each of their changes, made by
the same code as in the product. So has each deal that moved in the last half year, for
the funnel. All others have no history.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal

from services.clock import DAY
from services.every_kind import compile_kinds
from services.postgres.database import Database, Transaction
from services.records.log.changes import Change

KEPT = (Contact, Deal)
WHOLE_FOR = 182 * DAY  # so far back the log has all moves of deals
COLUMNS = (
    "business_id",
    "record_id",
    "object",
    "operation",
    "user_id",
    "client_id",
    "token_id",
    "trace_id",
    "version",
    "at",
    "was",
    "now",
    "image",
)

_KINDS = {each.kind.message: each for each in compile_kinds().values()}

# A record has the version of its last change. Values: business, ids, versions.
_VERSIONS = """
UPDATE {table} AS r SET version = c.version
FROM unnest($2::text[], $3::integer[]) AS c (id, version)
WHERE r.business_id = $1 AND r.id = c.id
"""

# Values: business, the moment.
_BEGINS = "UPDATE tenants SET changes_since = $2 WHERE business_id = $1"

Row = tuple[Any, ...]


@dataclass(slots=True)
class Log:
    """Rows of a tenant's log that are not loaded yet. `keeps`: it takes new ones.

    `since` is the moment from which on it has all moves of deals.
    """

    business_id: str
    since: int
    keeps: bool = False
    _rows: list[Row] = field(default_factory=list)
    _versions: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, before: Any, after: Any, actor: str) -> None:
        """Notes a change of a record, at its `updated_at`; `before` is None if new."""
        if not self.keeps or not isinstance(after, KEPT):
            return
        self._versions[after.id] += 1
        compiled = _KINDS[type(after)]
        change: Change | None
        if before is None:
            change = compiled.creation(after, compiled.codec.values(after))
        else:
            state: Any = type(after)()
            state.CopyFrom(after)
            state.etag = str(self._versions[after.id])
            _, change = compiled.differences(before, state)
        if change is not None:
            who = actor, "", "", ""
            its = self.business_id, after.id, compiled.kind.table, change.operation
            self._rows.append((*its, *who, *change.parameters))

    @contextmanager
    def of_deal(self, last: int) -> Iterator[None]:
        """Takes what is noted of a deal too whose last move may be at a moment."""
        before, self.keeps = self.keeps, self.keeps or last >= self.since
        try:
            yield
        finally:
            self.keeps = before

    def take(self) -> Sequence[Row]:
        """The rows since the last time."""
        rows, self._rows = self._rows, []
        self._versions.clear()
        return rows


async def copy_log(transaction: Transaction, rows: Sequence[Row]) -> None:
    """Loads rows of the log, and gives their records, which are there, the versions."""
    if not rows:
        return
    await transaction.copy("changes", COLUMNS, rows)
    versions: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        told = dict(zip(COLUMNS, row, strict=True))
        versions[told["object"]][told["record_id"]] = told["version"]
    for table, its in versions.items():
        where = rows[0][0], list(its), list(its.values())
        await transaction.run(_VERSIONS.format(table=table), *where)


async def begin_log(database: Database, log: Log) -> None:
    """Has the tenant's log begin where the moves of deals are whole."""
    await database.run(_BEGINS, log.business_id, log.since)
