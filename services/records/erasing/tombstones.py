"""Tombstones: what remains of an erased record, and why one is not found.

A tombstone has the record's owner, so that it is told to those alone who would have
seen the record. Nobody else learns that there was one.
"""

from typing import Protocol

from prospectconnect.crm.v1.erasures_pb2 import Erasure

from services.caller import Call, Caller
from services.clock import from_timestamp, rfc3339
from services.errors import Gone, NotFound
from services.kinds.record_type import RecordType
from services.postgres.database import Row
from services.records.log.actor import actor_of
from services.records.visibility import owner_column

_READ = """
SELECT record_id, at, user_id, reason, owner_id FROM erasures
WHERE business_id = $1 AND record_id = $2
"""
_SET = """
INSERT INTO erasures
  (business_id, record_id, owner_id, at, user_id, client_id, trace_id, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


class Runs(Protocol):
    """A database or a transaction."""

    async def row(self, sql: str, *values: object) -> Row | None:
        """Runs a statement and returns its first row, if it has one."""


async def missing(
    database: Runs, kind: RecordType, caller: Caller, record_id: str
) -> NotFound:
    """Returns the error that says why a caller does not find a record.

    Only erasable kinds cost a statement.
    """
    if not kind.policy.erasable:
        return NotFound()
    row = await database.row(_READ, caller.business_id, record_id)
    if row is None:
        return NotFound()
    is_seen = not owner_column(kind, caller) or row["owner_id"] in (
        None,
        caller.user_id,
    )
    return _gone(*row) if is_seen else NotFound()


async def gone_of(database: Runs, business_id: str, record_id: str) -> Gone:
    """Returns the error for an answer that an erasure of a record has destroyed."""
    row = await database.row(_READ, business_id, record_id)
    return Gone({"erased_id": record_id}) if row is None else _gone(*row)


def gone_by(report: Erasure) -> Gone:
    """Returns the error for what an erasure destroys."""
    at = from_timestamp(report.erased_at)
    return _gone(report.id, at, report.erased_by, report.reason)


def _gone(
    record_id: str, at: int, user_id: str, reason: str, _: str | None = None
) -> Gone:
    told = {"erased_id": record_id, "erased_at": rfc3339(at)}
    return Gone({**told, "erased_by": user_id, "reason": reason})


async def set_tombstone(
    database: Runs, call: Call, record_id: str, owner_id: str, at: int, reason: str
) -> None:
    """Leaves a tombstone in the place of a record."""
    user_id, client_id, _, trace_id = actor_of(call)
    owned = owner_id or None
    who = user_id, client_id, trace_id
    await database.row(
        _SET, call.caller.business_id, record_id, owned, at, *who, reason
    )
