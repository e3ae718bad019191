"""E-mails as the queue of mail knows them: what one says, whether it may go, what came
of it.

An e-mail is judged when it is claimed, and once more right before its last byte. Then
its contact and its address are locked: who denies, suppresses, merges or moves an
address waits for the queue to say that the mail goes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from prospectconnect.engagement.v1 import emails_pb2 as pb

from services.clock import EPOCH, now
from services.emails.behaviour import QUEUED
from services.emails.judging import EmailReason, judge, name_of
from services.emails.messages import Letter, deliverable, written
from services.emails.results import Results
from services.emails.system import call_of
from services.emails.turns import take_turn
from services.errors import NotFound
from services.mailing.kinds import Composed, End, From, Mail, NotNowError, Refused
from services.postgres.database import Database, Row, Transaction
from services.records.engine import Records
from services.sealed.mailed_links import MailedLink, MailedLinks
from services.sealed.secret_keys import SecretKeys

# A conversation names so many of its last e-mails.
_MOST_REFERENCES = 10

# Values: business, the e-mail.
_EMAIL = """
SELECT e.to_contact_id, e.to_address, e.topic_id, e.status,
  (SELECT m.topic_id FROM mails AS m
    WHERE m.business_id = $1 AND m.record_id = $2 LIMIT 1) AS of_topic
FROM emails AS e
WHERE e.business_id = $1 AND e.id = $2 AND e.deleted_at IS NULL
"""
# Who writes a consent or moves an address takes a lock of the contact, too. Values:
# business, the contact.
_LOCK_CONTACT = """
SELECT 1 FROM contacts WHERE business_id = $1 AND id = $2 FOR NO KEY UPDATE
"""
# The conversation that an e-mail belongs to, the oldest first. Values: business, the
# e-mail that it answers.
_REFERENCES = f"""
WITH RECURSIVE before AS (
  SELECT e.message_id, e.in_reply_to, 1 AS place FROM emails AS e
  WHERE e.business_id = $1 AND e.id = $2
  UNION ALL
  SELECT e.message_id, e.in_reply_to, b.place + 1 FROM before AS b
  JOIN emails AS e ON e.business_id = $1 AND e.id = b.in_reply_to
  WHERE b.place < {_MOST_REFERENCES}
)
SELECT message_id FROM before WHERE message_id IS NOT NULL ORDER BY place DESC
"""


class EmailMail:
    """The kind of mail that e-mails are. `keys` are those of digests.

    `public_url` is where people reach the server, and so the links in mails.
    """

    def __init__(
        self,
        database: Database,
        every: Mapping[str, Records[Any]],
        keys: SecretKeys,
        links: MailedLinks,
        public_url: str,
    ) -> None:
        self._database, self._keys, self._links = database, keys, links
        self._emails: Records[pb.Email] = every["email"]
        self._public_url = public_url.rstrip("/")
        self._results = Results(database, every, keys)

    async def compose(self, mail: Mail, sender: From) -> Composed | Refused:
        row = await self._row(self._database, mail)
        address, reason = await self._judged(self._database, mail, row)
        if reason is not None:
            return Refused(name_of(reason))
        email = await self._addressed(mail, address)
        given = mail.business_id, email.in_reply_to or None
        found = await self._database.rows(_REFERENCES, *given)
        letter = Letter(
            from_name=sender.name,
            from_address=sender.address,
            to_address=address,
            subject=email.subject,
            text=email.text,
            html=email.html,
            date=EPOCH + timedelta(microseconds=now()),
            message_id=email.message_id,
            references=[each["message_id"] for each in found],
            unsubscribe=self._link(mail, row, address),
        )
        message = await asyncio.to_thread(written, letter)
        return Composed(deliverable(address), message)

    async def allow(self, transaction: Transaction, mail: Mail) -> str:
        before = await self._row(transaction, mail)
        contact_id = before["to_contact_id"]
        if contact_id is not None:
            its = mail.business_id, contact_id
            await transaction.row(_LOCK_CONTACT, *its)
        if before["to_address"] is not None:
            await take_turn(transaction, mail.business_id, before["to_address"])
        row = await self._row(transaction, mail)  # a merge may have moved it meanwhile
        if row["to_contact_id"] != contact_id:
            raise NotNowError
        address, reason = await self._judged(transaction, mail, row)
        if reason is not None:
            return name_of(reason)
        if address != row["to_address"]:
            raise NotNowError  # the address of the contact has changed
        return ""

    async def ended(self, transaction: Transaction, mail: Mail, end: End) -> None:
        await self._results.tell(transaction, mail, end)

    async def _row(self, database: Database | Transaction, mail: Mail) -> Row:
        row = await database.row(_EMAIL, mail.business_id, mail.record_id)
        if row is None or row["status"] != QUEUED:
            raise NotNowError  # it was cancelled, so this mail is withdrawn
        return row

    async def _judged(
        self, database: Database | Transaction, mail: Mail, row: Row
    ) -> tuple[str, EmailReason.ValueType | None]:
        """The address, and why nothing may be sent to it."""
        if row["of_topic"] and row["topic_id"] is None:
            return "", EmailReason.EMAIL_REASON_TOPIC_DELETED
        contact_id, topic_id = row["to_contact_id"] or "", row["topic_id"] or ""
        its = mail.business_id, contact_id, topic_id
        judged = await judge(database, *its, self._opening)
        return judged.address, judged.reason

    @property
    def _opening(self) -> Sequence[bytes]:
        return self._keys.opening

    async def _addressed(self, mail: Mail, address: str) -> pb.Email:
        """The e-mail, which tells the address that it goes to."""

        def change(email: pb.Email) -> None:
            email.to_address = address

        call = call_of(mail.business_id)
        try:
            return await self._emails.update(call, mail.record_id, change)
        except NotFound:
            raise NotNowError from None

    def _link(self, mail: Mail, row: Row, address: str) -> str:
        """The address of the page that ends the topic; "" for a personal message."""
        if row["topic_id"] is None:
            return ""
        its = mail.business_id, row["to_contact_id"], row["topic_id"], address
        return self._public_url + self._links.path(MailedLink(*its))
