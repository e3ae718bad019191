"""Merges of contacts: of each topic, the stricter of what they said counts.

Consents move to the survivor like all links. A topic that one of the contacts had
denied last, and for which there is an agreement too, gets a denial more, the newest.
When the merge is undone, this denial goes, and the consents move back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from prospectconnect.engagement.v1 import consents_pb2 as pb

from services.caller import Call
from services.clock import now, to_timestamp
from services.kinds.own_fields import NO_FIELDS
from services.merging.beside import Beside
from services.merging.moving import Move
from services.merging.moving_back import Return
from services.merging.survivors import ChangedMeanwhileError
from services.postgres.database import Transaction
from services.records import commands
from services.records.compiled import CompiledKind
from services.records.engine import Records
from services.records.many.merged_statements import DENIED_BY_MERGE_SQL
from services.records.many.statements import logged_sql, update_in_order_sql
from services.records.single_writes import insertion_of

_BASIS = "merge of contacts, one of which had denied"
_DENIED, _GRANTED = pb.CONSENT_STATUS_DENIED, pb.CONSENT_STATUS_GRANTED

# The topics that a contact has denied last, and for which there is an agreement too;
# and when the last consent of any was. Values: business, the contacts' ids.
_DENIED_TOPICS = f"""
WITH said AS (SELECT contact_id, topic_id, status, created_at, id FROM consents
  WHERE business_id = $1 AND contact_id = ANY($2::text[]) AND deleted_at IS NULL),
newest AS (SELECT DISTINCT ON (contact_id, topic_id) topic_id, status FROM said
  ORDER BY contact_id, topic_id, created_at DESC, id DESC)
SELECT topic_id, max(created_at) AS last FROM said
WHERE topic_id IN (SELECT topic_id FROM newest WHERE status = {_DENIED})
GROUP BY topic_id HAVING bool_or(status = {_GRANTED})
ORDER BY topic_id
"""
# Values: business, the merge, the moment, who does it, the survivor.
_TAKE_BACK = logged_sql(
    update_in_order_sql(
        "consents",
        ["deleted_at = $3::timestamptz"],
        "r.contact_id = $5::text AND r.external ->> 'merge' = $2::text",
    ),
    "consents",
    {},
    4,
)


class StricterConsents:
    """Adds denials at a merge of contacts, and takes them back with it."""

    def __init__(self, compiled: CompiledKind[Any]) -> None:
        self._compiled = compiled

    async def join(self, transaction: Transaction, call: Call, move: Move) -> None:
        """Denies for the survivor what one of the contacts had denied."""
        every = [move.survivor_id, *move.merged_ids]
        its = move.business_id, every
        ids = []
        for row in await transaction.rows(_DENIED_TOPICS, *its):
            given = pb.Consent(
                contact_id=move.survivor_id,
                topic_id=row["topic_id"],
                status=_DENIED,
                basis=_BASIS,
                source=move.merge_id,
            )
            moment = max(now(), move.moment, row["last"] + 1)
            ids.append(await self._add(transaction, call, given, moment))
        if ids:
            await transaction.run(DENIED_BY_MERGE_SQL, its[0], ids, move.merge_id)

    async def part(self, transaction: Transaction, call: Call, back: Return) -> None:
        """Takes these denials back."""
        its = back.business_id, back.merge_id, back.moment, back.actor
        await transaction.run(_TAKE_BACK, *its, back.survivor_id)

    async def _add(
        self, transaction: Transaction, call: Call, given: pb.Consent, moment: int
    ) -> str:
        unkeyed = replace(call, key=None)
        record = self._compiled.draft(call.caller, given, is_checked=True)
        record.created_at.CopyFrom(to_timestamp(moment))
        record.updated_at.CopyFrom(record.created_at)
        its = self._compiled, unkeyed, record, record, NO_FIELDS
        _, command, _ = insertion_of(*its)
        if not await commands.run_in(transaction, command):
            raise ChangedMeanwhileError
        return str(record.id)


def merged_beside(
    records: Records[Any], kinds: Mapping[str, CompiledKind[Any]]
) -> Sequence[Beside]:
    """What merges of a kind do besides."""
    if records.kind.resource != "contact":
        return ()
    return (StricterConsents(kinds["consent"]),)
