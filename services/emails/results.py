"""What came of an e-mail, written down: its status, the activity at the contact, and
the suppression of an address that does not exist.

All of it is written by the records' own path, in the transaction of the queue.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from prospectconnect.crm.v1 import activities_pb2 as activities
from prospectconnect.engagement.v1 import emails_pb2 as pb
from prospectconnect.engagement.v1 import suppressions_pb2

from services.caller import Call
from services.clock import now, to_timestamp
from services.consent.ending import SUPPRESSED
from services.emails.behaviour import QUEUED
from services.emails.judging import EmailReason, reason_of
from services.emails.system import call_of
from services.emails.turns import take_turn
from services.errors import NotFound
from services.mailing import attempts
from services.mailing import statements as mailing
from services.mailing.kinds import End, Mail
from services.postgres.bound import BoundDatabase
from services.postgres.database import Database, Transaction
from services.records.engine import Records
from services.sealed.secret_keys import SecretKeys

_STATUSES: Mapping[int, pb.EmailStatus.ValueType] = {
    mailing.SENT: pb.EMAIL_STATUS_SENT,
    mailing.BOUNCED: pb.EMAIL_STATUS_BOUNCED,
    mailing.UNCERTAIN: pb.EMAIL_STATUS_UNCERTAIN,
    mailing.FAILED: pb.EMAIL_STATUS_FAILED,
    mailing.REFUSED: pb.EMAIL_STATUS_SUPPRESSED,
}
_FAILURES = {
    attempts.SENDER_DELETED: EmailReason.EMAIL_REASON_SENDER_DELETED,
    attempts.NOT_VERIFIED: EmailReason.EMAIL_REASON_SENDER_UNVERIFIED,
}
_MOST_DETAIL = 1_000
# As activities have it.
_MOST_BODY = 65_535

# An enhanced status (RFC 3463) says what a refusal is about: 5.1 and 5.2.1 are about
# the mailbox. Neither a full mailbox nor a policy of the server is a reason to give an
# address up.
_ENHANCED = re.compile(r"\s*5\.(\d{1,3})\.(\d{1,3})\b")

# Contacts are locked before what is linked to them. Values: business, the contact.
_LOCK = """
SELECT 1 FROM contacts
WHERE business_id = $1 AND id = $2 AND deleted_at IS NULL FOR UPDATE
"""


def names_address(end: End, address: str) -> bool:
    """Whether a server refused a mail because of the address that it goes to."""
    found = _ENHANCED.match(end.answer)
    about = (found[1], found[2]) if found else None
    if about is not None:
        return about[0] == "1" or about == ("2", "1")
    return end.stage == "rcpt" or address.lower() in end.answer.lower()


class Results:
    """Writes what came of e-mails. `keys` are those of digests."""

    def __init__(
        self,
        database: Database,
        every: Mapping[str, Records[Any]],
        keys: SecretKeys,
    ) -> None:
        self._bound = BoundDatabase(database)
        self._emails: Records[pb.Email] = every["email"].over(self._bound)
        self._activities: Records[Any] = every["activity"].over(self._bound)
        self._suppressions: Records[Any] = every["suppression"].over(self._bound)
        self._keys = keys

    async def tell(self, transaction: Transaction, mail: Mail, end: End) -> None:
        """Writes what came of the e-mail of a mail."""
        await self._bound.joining(
            transaction, lambda: self._tell(transaction, mail, end)
        )

    async def _tell(self, transaction: Transaction, mail: Mail, end: End) -> None:
        call = call_of(mail.business_id)
        with suppress(NotFound):
            before = await self._emails.get(call.caller, mail.record_id)
            if before.status != QUEUED:
                return
            activity_id = ""
            if end.state == mailing.SENT:
                activity_id = await self._record(transaction, call, before)
            if end.state == mailing.BOUNCED and names_address(end, before.to_address):
                await self._suppress(transaction, call, mail, before.to_address)

            def change(email: pb.Email) -> None:
                _settle(email, end, activity_id)

            await self._emails.update(call, before.id, change)

    async def _record(
        self, transaction: Transaction, call: Call, email: pb.Email
    ) -> str:
        """Adds the activity at the contact. Returns its id, "" without a contact."""
        its = email.to_contact_id
        if not its:
            return ""
        here = await transaction.row(_LOCK, call.caller.business_id, its)
        if here is None:
            return ""
        given = activities.Activity(
            type=activities.ACTIVITY_TYPE_EMAIL,
            direction=activities.ACTIVITY_DIRECTION_OUTBOUND,
            contact_id=its,
            occurred_at=to_timestamp(now()),
        )
        if email.subject:
            given.subject = email.subject
        if email.text:
            given.body = email.text[:_MOST_BODY]

        def settle(activity: activities.Activity) -> None:
            activity.ClearField("created_by")
            activity.ClearField("actor_id")
            if email.owner_id:
                activity.actor_id = email.owner_id

        made = await self._activities.create(call, given, settle)
        return str(made.id)

    async def _suppress(
        self, transaction: Transaction, call: Call, mail: Mail, address: str
    ) -> None:
        """Suppresses an address that bounces, unless it is suppressed."""
        if not address:
            return  # the contact was erased
        await take_turn(transaction, mail.business_id, address)
        its = mail.business_id, address, list(self._keys.opening)
        row = await transaction.row(SUPPRESSED, *its)
        if row is not None and row[0]:
            return
        given = suppressions_pb2.Suppression(
            address=address, reason=suppressions_pb2.SUPPRESSION_REASON_BOUNCED
        )
        await self._suppressions.create(
            call, given, lambda record: record.ClearField("created_by")
        )


def _settle(email: pb.Email, end: End, activity_id: str) -> None:
    """Sets how an e-mail stands, and why."""
    email.status = _STATUSES[end.state]
    if activity_id:
        email.activity_id = activity_id
    if email.status == pb.EMAIL_STATUS_SENT:
        email.sent_at.CopyFrom(to_timestamp(now()))
    reason = _reason(end, email.to_address)
    if reason is not None:
        email.reason = reason
    if end.answer:
        email.detail = f"{end.code} {end.answer}"[:_MOST_DETAIL]


def _reason(end: End, address: str) -> EmailReason.ValueType | None:
    if end.state == mailing.REFUSED:
        return reason_of(end.reason)
    if end.state == mailing.FAILED:
        return _FAILURES.get(end.reason, EmailReason.EMAIL_REASON_GIVEN_UP)
    if end.state != mailing.BOUNCED:
        return None
    if names_address(end, address):
        return EmailReason.EMAIL_REASON_ADDRESS_REFUSED
    return EmailReason.EMAIL_REASON_MESSAGE_REFUSED
