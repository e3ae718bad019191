"""Whether an e-mail may be sent to a contact, judged by what is known at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prospectconnect.engagement.v1 import emails_pb2 as pb
from prospectconnect.engagement.v1.topics_pb2 import (
    TOPIC_REQUIREMENT_LEGITIMATE_INTEREST as _NOTHING,
)

from services.consent.deciding import Known, Reason, refusal
from services.consent.finding import NEWEST, SUPPRESSION
from services.postgres.database import Database, Transaction

EmailReason = pb.EmailReason

_SAME: Mapping[int, EmailReason.ValueType] = {
    Reason.REFUSAL_REASON_NO_EMAIL: EmailReason.EMAIL_REASON_NO_EMAIL,
    Reason.REFUSAL_REASON_SUPPRESSED: EmailReason.EMAIL_REASON_SUPPRESSED,
    Reason.REFUSAL_REASON_DENIED: EmailReason.EMAIL_REASON_DENIED,
    Reason.REFUSAL_REASON_NOT_GRANTED: EmailReason.EMAIL_REASON_NOT_GRANTED,
}

# Values: business, the contact, the topic, the keys of digests.
_SQL = f"""
SELECT r.email, {SUPPRESSION} IS NOT NULL AS is_suppressed, {NEWEST} AS status,
  (SELECT t.requires FROM topics AS t WHERE t.business_id = $1 AND t.id = $3
    AND t.deleted_at IS NULL) AS requires
FROM contacts AS r
WHERE r.business_id = $1 AND r.id = $2 AND r.deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """The address of a contact, "" without one, and why nothing may be sent to it."""

    address: str
    reason: EmailReason.ValueType | None


async def judge(
    database: Database | Transaction,
    business_id: str,
    contact_id: str,
    topic_id: str,
    keys: Sequence[bytes],
) -> Judged:
    """Judges an e-mail to a contact; without a topic it is a personal message.

    `keys` are those of digests. An empty `contact_id` is that of a contact who is gone.
    """
    given = business_id, contact_id, topic_id or None, list(keys)
    row = await database.row(_SQL, *given)
    if row is None:
        return Judged("", EmailReason.EMAIL_REASON_CONTACT_DELETED)
    address = row["email"] or ""
    if topic_id and row["requires"] is None:
        return Judged(address, EmailReason.EMAIL_REASON_TOPIC_DELETED)
    # A personal message asks for no consent. A suppressed address gets nothing at all.
    status = row["status"] if topic_id else None
    known = Known(bool(address), row["is_suppressed"], status)
    refused = refusal(row["requires"] if topic_id else _NOTHING, known)
    return Judged(address, None if refused is None else _SAME[refused])


def name_of(reason: int) -> str:
    """A reason as the queue keeps it."""
    return pb.EmailReason.Name(reason)  # type: ignore[arg-type]  # a number of it


def reason_of(name: str) -> EmailReason.ValueType:
    """The reason that the queue has kept."""
    return pb.EmailReason.Value(name)
