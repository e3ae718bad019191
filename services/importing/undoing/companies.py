"""Deletes companies that an import made for its rows, once nothing leads to them."""

from collections.abc import Collection
from typing import Any

from prospectconnect.jobs.v1 import imports_pb2 as pb

from services.batches.operations import Operation
from services.batches.runner import run_step
from services.caller import Call, Caller
from services.importing.linking import Tools
from services.importing.undoing.traces import trace_of
from services.kinds.matching import ID
from services.kinds.record_type import RecordType
from services.records.log.changes import CREATED

_COMPANY = "company"

# Companies that transactions of an import have created and nobody has changed since.
# Values: business, the transactions, the trace.
_MADE = f"""
SELECT r.id FROM companies AS r JOIN changes AS c
  ON c.business_id = $1 AND c.record_id = r.id AND c.xid = ANY($2::text[]::xid8[])
WHERE r.business_id = $1 AND r.deleted_at IS NULL AND r.version = 1
  AND c.operation = {CREATED} AND c.trace_id = $3 AND c.object = 'companies'
"""

# All of them that an import has created, while its job ran: also for rows that were
# rejected then. The moment of a change may be a little later than the clock says.
# Values: business, the import, the trace.
_LEFT = f"""
SELECT r.id FROM imports AS i, companies AS r JOIN changes AS c
  ON c.business_id = $1 AND c.record_id = r.id
WHERE i.business_id = $1 AND i.id = $2 AND r.business_id = $1
  AND r.created_at >= i.created_at AND r.created_at <= coalesce((SELECT j.finished_at
    FROM jobs AS j WHERE j.business_id = $1 AND j.id = i.job_id), i.updated_at)
    + interval '1 second' AND r.deleted_at IS NULL AND r.version = 1
  AND c.operation = {CREATED} AND c.trace_id = $3 AND c.object = 'companies'
"""
MOST_AT_ONCE = 100


class Companies:
    """The companies that one import has made."""

    def __init__(self, tools: Tools, caller: Caller, its: pb.Import) -> None:
        self._tools, self._caller, self._its = tools, caller, its
        records = tools.records[_COMPANY]
        self._database = records.database
        kinds = [each.kind for each in tools.records.values()]
        alone = "".join(_leads_nowhere(each) for each in kinds)
        self._made, self._left = _MADE + alone, f"{_LEFT}{alone} LIMIT {MOST_AT_ONCE}"

    async def delete(self, xids: Collection[str]) -> int:
        """Deletes those that some transactions made; returns how many these were.

        A company that another record leads to stays.
        """
        return await self._delete(self._made, sorted(xids)) if xids else 0

    async def delete_left(self) -> int:
        """Deletes some of those that are left, and returns how many these were.

        Fewer than `MOST_AT_ONCE` were the last ones.
        """
        return await self._delete(self._left, self._its.id)

    async def _delete(self, sql: str, by: Any) -> int:
        if not self._caller.may(f"{_COMPANY}.delete"):
            return 0
        its = self._caller.business_id, by, trace_of(self._its.id)
        deleted = 0
        for row in await self._database.rows(sql, *its):
            bound = {ID: row[0]}
            made: Any = self._tools.transcoder.request("DeleteCompany", bound, None)
            made.request.etag = "1"
            runnable = self._tools.runnables[made.request.DESCRIPTOR.full_name]
            operation = Operation(0, "", runnable, made.request)
            await run_step(Call(self._caller), [operation])
            deleted += operation.error is None
        return deleted


def _leads_nowhere(kind: RecordType) -> str:
    """The condition that no record of a kind leads to a company `r`.

    What the timeline itself says of the company does not count.
    """
    links = [e for e in kind.fields if e.references == _COMPANY and not e.read_only]
    alone = kind.by_links_alone
    by_server = "" if alone is None else f" AND l.source <> {alone}"
    return "".join(
        f"  AND NOT EXISTS (SELECT FROM {kind.table} AS l WHERE l.business_id = $1"
        f" AND l.{each.name} = r.id AND l.deleted_at IS NULL{by_server})\n"
        for each in links
    )
