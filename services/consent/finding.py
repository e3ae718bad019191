"""Finds out who may be written to about a topic, by one statement for all contacts."""

from collections.abc import Sequence
from dataclasses import dataclass

from prospectconnect.engagement.v1 import topics_pb2

from services.caller import Caller
from services.consent.deciding import Known, Reason, refusal
from services.kinds.record_type import Kinds
from services.postgres.database import Database, Transaction
from services.records.visibility import USER, visible
from services.sealed.digests import DIGEST, digest_sql

_DIGEST = digest_sql("k.key", "r.email")
# The suppression of the address of a contact `r`. Values: $1 business, $4 the keys of
# digests.
SUPPRESSION = f"""coalesce(
    (SELECT s.id FROM suppressions AS s WHERE s.business_id = $1
      AND s.deleted_at IS NULL
      AND lower(s.address) COLLATE "C" = lower(r.email) COLLATE "C" LIMIT 1),
    (SELECT s.id FROM suppressions AS s WHERE s.business_id = $1
      AND s.deleted_at IS NULL AND s.external IS NOT NULL
      AND s.external ->> '{DIGEST}' = ANY(ARRAY(
        SELECT {_DIGEST} FROM unnest($4::bytea[]) AS k (key))) LIMIT 1)
  )"""
# What a contact `r` said last of a topic. Values: $1 business, $3 the topic.
NEWEST = """(SELECT c.status FROM consents AS c WHERE c.business_id = $1
    AND c.contact_id = r.id AND c.topic_id = $3 AND c.deleted_at IS NULL
    ORDER BY c.created_at DESC, c.id DESC LIMIT 1)"""
# Columns: the place among the ids, the contact, whether it has an address, the
# suppression of this, the newest status. A merged contact is its survivor. Values:
# business, the contacts' ids, the topic, the keys of digests, and the user if the
# condition on contacts names one.
_SQL = f"""
SELECT a.place, r.id, r.email IS NOT NULL AS has_email,
  {SUPPRESSION} AS suppression_id, {NEWEST} AS status
FROM unnest($2::text[]) WITH ORDINALITY AS a (id, place)
LEFT JOIN merged_records AS m ON m.business_id = $1 AND m.record_id = a.id
JOIN contacts AS r ON r.business_id = $1 AND r.id = coalesce(m.survivor_id, a.id)
  AND r.deleted_at IS NULL{{seen}}
ORDER BY a.place
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """A contact, and why it may not be written to; None if it may.

    `place` is that of its id among those that were asked for, from 0. `suppression_id`
    is None unless the address is suppressed.
    """

    place: int
    contact_id: str
    reason: Reason.ValueType | None
    suppression_id: str | None


async def check(
    database: Database | Transaction,
    business_id: str,
    topic: topics_pb2.Topic,
    ids: Sequence[str],
    keys: Sequence[bytes],
    seen: tuple[str, ...] = ("",),
) -> list[Checked]:
    """Looks at the contacts with these ids, in their order.

    What is not found is left out. `keys` are those of digests. `seen` is a condition on
    contacts `r`, and the value that it names.
    """
    condition, *values = seen
    sql = _SQL.format(seen=condition and f" AND {condition}")
    given = business_id, list(ids), topic.id, list(keys), *values
    rows = await database.rows(sql, *given)
    return [
        Checked(
            row["place"] - 1,
            row["id"],
            refusal(
                topic.requires,
                Known(row["has_email"], bool(row["suppression_id"]), row["status"]),
            ),
            row["suppression_id"],
        )
        for row in rows
    ]


def seen_by(caller: Caller, kinds: Kinds) -> tuple[str, ...]:
    """The condition that a caller sees a contact, for `check`."""
    kind = kinds["contact"]
    if "contact.read" not in caller.role_permissions:
        return ("false",)
    condition = visible(kind, caller, kinds)
    user = (caller.user_id,) if USER in condition else ()
    return condition.format(tenant="$1", user="$5"), *user
