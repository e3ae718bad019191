"""Ends topics for an address, or all mail to it; both any number of times.

The contacts are locked first, so that choices for one address take turns and each adds
what is not said yet. An address that no contact has is suppressed instead: nothing else
would remember what its reader wants.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from prospectconnect.engagement.v1 import consents_pb2, suppressions_pb2

from services.caller import Call
from services.clock import now, to_timestamp
from services.erasure import suppressed
from services.errors import Unavailable
from services.kinds.own_fields import NO_FIELDS
from services.postgres.database import Database, Row, Transaction
from services.records import commands
from services.records.contended import MOST_ATTEMPTS
from services.records.engine import Records
from services.records.idempotency import FAILED_WRITES
from services.records.single_writes import insertion_of
from services.sealed.digests import DIGEST, digest_sql
from services.sealed.mailed_links import MailedLink
from services.sealed.secret_keys import SecretKeys

# Contacts may share an address. Besides that of the link, so many are looked at.
MOST_CONTACTS = 500
SOURCE, _BASIS = "link", "link in a mail"
_DENIED = consents_pb2.CONSENT_STATUS_DENIED

# A merged contact is its survivor. Values: business, the contact, the address.
_CONTACTS = f"""
SELECT r.id, r.email IS NOT NULL AS has_email FROM contacts AS r
WHERE r.business_id = $1 AND r.deleted_at IS NULL AND r.id IN (
  SELECT coalesce((SELECT m.survivor_id FROM merged_records AS m
    WHERE m.business_id = $1 AND m.record_id = $2::text), $2::text)
  UNION ALL (SELECT c.id FROM contacts AS c
    WHERE c.business_id = $1 AND c.deleted_at IS NULL
      AND (coalesce(lower(c.email), '') COLLATE "C") = lower($3::text)
    ORDER BY c.id LIMIT {MOST_CONTACTS})
)
ORDER BY r.id
"""
# In this order everywhere, so that no two calls wait for one another.
_LOCK = """
SELECT r.id FROM contacts AS r WHERE r.business_id = $1 AND r.id = ANY($2::text[])
  AND r.deleted_at IS NULL ORDER BY r.id FOR UPDATE
"""
# What the contacts have not denied last, and when they last said anything about it.
# Values: business, the contacts' ids, the topics' ids, the status.
_NOT_DENIED = """
SELECT e.id AS contact_id, t.id AS topic_id, c.created_at
FROM unnest($2::text[]) AS e (id)
JOIN topics AS t ON t.business_id = $1 AND t.id = ANY($3::text[])
  AND t.deleted_at IS NULL
LEFT JOIN LATERAL (
  SELECT c.status, c.created_at FROM consents AS c WHERE c.business_id = $1
    AND c.contact_id = e.id AND c.topic_id = t.id AND c.deleted_at IS NULL
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1
) AS c ON true
WHERE c.status IS DISTINCT FROM $4::int ORDER BY e.id, t.id
"""
# Values: business, the address, the keys of digests.
SUPPRESSED = f"""
SELECT EXISTS (SELECT FROM suppressions AS s WHERE s.business_id = $1
    AND s.deleted_at IS NULL AND lower(s.address) COLLATE "C" = lower($2::text))
  OR EXISTS (SELECT FROM suppressions AS s WHERE s.business_id = $1
    AND s.deleted_at IS NULL AND s.external IS NOT NULL
    AND s.external ->> '{DIGEST}' = ANY(ARRAY(
      SELECT {digest_sql("k.key", "$2::text")} FROM unnest($3::bytea[]) AS k (key))))
"""
# Values: business, the contact.
_ERASED = "SELECT 1 FROM erasures WHERE business_id = $1 AND record_id = $2"
# Choices for an address that no contact has take turns by this row. Values: business,
# the address.
TAKE_TURN = """
INSERT INTO upsert_locks (business_id, key)
VALUES ($1, 'suppressions address ' || lower($2::text))
ON CONFLICT (business_id, key) DO UPDATE SET key = excluded.key
"""
END_TURN = """
DELETE FROM upsert_locks
WHERE business_id = $1 AND key = 'suppressions address ' || lower($2::text)
"""


class Ending:
    """Adds denials and suppressions. `keys` are those of digests."""

    def __init__(
        self, database: Database, every: Mapping[str, Records[Any]], keys: SecretKeys
    ) -> None:
        self._database, self._keys = database, keys
        self._consents, self._suppressions = every["consent"], every["suppression"]

    async def contacts(
        self, database: Database | Transaction, link: MailedLink
    ) -> list[Row]:
        """The contact of a link, and all that have its address."""
        its = link.business_id, link.contact_id, link.address
        return await database.rows(_CONTACTS, *its)

    async def is_suppressed(
        self, database: Database | Transaction, link: MailedLink
    ) -> bool:
        """Whether nothing at all is sent to the address."""
        keys = list(self._keys.opening)
        row = await database.row(SUPPRESSED, link.business_id, link.address, keys)
        return row is not None and bool(row[0])

    async def end(self, call: Call, link: MailedLink, topics: Sequence[str]) -> bool:
        """Ends topics, or all mail if there are none. False if all had ended before."""
        for _ in range(MOST_ATTEMPTS):
            work = partial(self._end, call, link, topics)
            try:
                return await self._database.in_transaction(work)
            except (_ChangedError, *FAILED_WRITES):
                continue  # it was written, deleted or merged meanwhile
        raise Unavailable

    async def _end(
        self,
        call: Call,
        link: MailedLink,
        topics: Sequence[str],
        transaction: Transaction,
    ) -> bool:
        if topics:
            ids = [each["id"] for each in await self.contacts(transaction, link)]
            rows = await transaction.rows(_LOCK, link.business_id, ids)
            if len(rows) != len(ids):
                raise _ChangedError
            if ids:
                return await self._deny(transaction, call, ids, topics)
        return await self._suppress(transaction, call, link)

    async def _deny(
        self,
        transaction: Transaction,
        call: Call,
        contacts: Sequence[str],
        topics: Sequence[str],
    ) -> bool:
        its = call.caller.business_id, contacts, list(topics), _DENIED
        rows = await transaction.rows(_NOT_DENIED, *its)
        for row in rows:
            given = consents_pb2.Consent(
                contact_id=row["contact_id"],
                topic_id=row["topic_id"],
                status=_DENIED,
                basis=_BASIS,
                source=SOURCE,
            )
            # The newest counts, so it is newer, whatever the clocks of machines say.
            await self._add(
                transaction, call, self._consents, given, (row["created_at"] or 0) + 1
            )
        return bool(rows)

    async def _suppress(
        self, transaction: Transaction, call: Call, link: MailedLink
    ) -> bool:
        its = link.business_id, link.address
        await transaction.run(TAKE_TURN, *its)
        is_new = not await self.is_suppressed(transaction, link)
        if is_new:
            given = suppressions_pb2.Suppression(
                address=link.address,
                reason=suppressions_pb2.SUPPRESSION_REASON_UNSUBSCRIBED,
            )
            moment = await self._add(transaction, call, self._suppressions, given)
            gone = await transaction.row(_ERASED, link.business_id, link.contact_id)
            if gone is not None:
                kind, key = self._suppressions.kind, self._keys.sealing
                hidden = link.business_id, [link.address], kind, key, moment
                await suppressed.hide(transaction, *hidden)
        await transaction.run(END_TURN, *its)
        return is_new

    async def _add(
        self,
        transaction: Transaction,
        call: Call,
        records: Records[Any],
        given: Any,
        least: int = 0,
    ) -> int:
        """Creates a record that no user made, and returns when that was."""
        compiled, moment = records.compiled, max(now(), least)
        record = compiled.draft(call.caller, given, is_checked=True)
        record.created_at.CopyFrom(to_timestamp(moment))
        record.updated_at.CopyFrom(record.created_at)
        record.ClearField("created_by")
        its = compiled, call, record, record, NO_FIELDS
        _, command, _ = insertion_of(*its)
        if not await commands.run_in(transaction, command):
            raise _ChangedError
        return moment


class _ChangedError(Exception):
    """A contact or a topic was deleted, merged or added meanwhile."""
