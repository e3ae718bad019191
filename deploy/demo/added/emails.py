"""E-mails of the demonstration data, all of which have ended: none is ever sent."""

from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp
from prospectconnect.crm.v1 import activities_pb2 as activities
from prospectconnect.engagement.v1 import emails_pb2 as emails
from prospectconnect.engagement.v1 import senders_pb2 as senders
from prospectconnect.engagement.v1 import suppressions_pb2 as suppressions

from deploy.demo.tenants import TENANT
from services.clock import DAY, now, to_timestamp
from services.emails.messages import message_id_of
from services.ids import new_id
from services.postgres.database import Database, Row
from services.records.bulk import copy_together, rows_of

_IS_THERE = "SELECT 1 FROM senders WHERE business_id = $1 LIMIT 1"
_MOST = 200
# The newest activities that tell of an e-mail to a contact. Values: business, how many.
_TOLD = f"""
SELECT a.id, a.contact_id, a.actor_id, a.subject, a.body, a.occurred_at AS at, c.email
FROM activities AS a
JOIN contacts AS c ON c.business_id = a.business_id AND c.id = a.contact_id
WHERE a.business_id = $1 AND a.deleted_at IS NULL AND c.deleted_at IS NULL
  AND a.type = {activities.ACTIVITY_TYPE_EMAIL}
  AND a.direction = {activities.ACTIVITY_DIRECTION_OUTBOUND}
  AND c.email IS NOT NULL AND a.subject IS NOT NULL
ORDER BY a.occurred_at DESC, a.id LIMIT $2
"""
# The contacts whose addresses refused something. Values: business.
_REFUSED = f"""
SELECT c.id AS contact_id, c.email, s.created_at AS at FROM suppressions AS s
JOIN contacts AS c ON c.business_id = s.business_id
  AND lower(c.email) = lower(s.address) AND c.deleted_at IS NULL
WHERE s.business_id = $1 AND s.deleted_at IS NULL
  AND s.reason = {suppressions.SUPPRESSION_REASON_BOUNCED}
ORDER BY c.id
"""
_SUBJECT, _TEXT = "Our offer", "Our offer is on its way to you."


async def add_emails(
    database: Database, business_id: str, users: Sequence[str]
) -> None:
    """Adds a verified sender, and what users sent from it to contacts."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    sender = _sender(users[0])
    told = await database.rows(_TOLD, business_id, _MOST)
    refused = await database.rows(_REFUSED, business_id)
    made = [
        *(_sent(sender, each) for each in told),
        *(_bounced(sender, users[0], each) for each in refused),
    ]
    await copy_together(database, rows_of(business_id, [sender]))
    await copy_together(database, rows_of(business_id, made))


def _sender(user: str) -> senders.Sender:
    made = to_timestamp(now() - 400 * DAY)
    return senders.Sender(
        id=new_id("snd_"),
        address=f"sales@{TENANT}.example",
        name="Sales",
        smtp=senders.SmtpServer(
            host=f"smtp.{TENANT}.example",
            port=587,
            security=senders.SMTP_SECURITY_STARTTLS,
        ),
        daily_limit=2_000,
        verified_at=made,
        created_at=made,
        updated_at=made,
        created_by=user,
        etag="1",
    )


def _sent(sender: senders.Sender, told: Row) -> emails.Email:
    """The e-mail that an activity tells of."""
    moment, text = to_timestamp(told["at"]), told["body"] or told["subject"]
    email = _email(sender, told["actor_id"], told, moment)
    email.subject, email.text = told["subject"], text
    email.status, email.activity_id = emails.EMAIL_STATUS_SENT, told["id"]
    email.sent_at.CopyFrom(moment)
    return email


def _bounced(sender: senders.Sender, user: str, refused: Row) -> emails.Email:
    """The e-mail because of which an address is suppressed."""
    email = _email(sender, user, refused, to_timestamp(refused["at"]))
    email.subject, email.text = _SUBJECT, _TEXT
    email.status = emails.EMAIL_STATUS_BOUNCED
    email.reason = emails.EMAIL_REASON_ADDRESS_REFUSED
    email.detail = "550 5.1.1 No such mailbox"
    return email


def _email(
    sender: senders.Sender, user: str | None, to: Row, moment: Timestamp
) -> emails.Email:
    email_id = new_id("eml_")
    email = emails.Email(
        id=email_id,
        sender_id=sender.id,
        to_contact_id=to["contact_id"],
        to_address=to["email"],
        message_id=message_id_of(email_id, sender.address),
        created_at=moment,
        updated_at=moment,
        etag="2",
    )
    if user:
        email.owner_id = email.created_by = user
    return email
