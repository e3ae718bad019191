"""Verifies the chain of the audit: each entry holds the hash of the one before.

A tenant's head holds the place and the hash of the newest entry, and those of the last
one that the sweep has deleted. So a changed, missing, inserted or reordered entry is
found, the newest too. The hashes are without a secret: who may write every table can
make a whole new chain. Heads that were written down elsewhere find that, too.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from services.clock import EPOCH_SECONDS, SECOND
from services.iam.audit import NOBODY
from services.postgres.database import Database, Row, Transaction

# The hash that the first entry holds.
FIRST = sha256(b"").digest()
AT_ONCE = 1_000
MOST_FOUND = 100
# Where the head is missing, no place is beyond it.
_NO_HEAD = 2**62

_ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_TENANTS = "SELECT business_id FROM tenants"
_HEAD = """
SELECT place, hash, swept_place, swept_hash FROM audit_heads WHERE business_id = $1
"""
_PAGE = """
SELECT id, at, event, user_id, client_id, ip, target, details::text AS details,
  trace_id, place, salt, personal_hash, before_hash, hash
FROM audit WHERE business_id = $1 AND (place, id) > ($2, $3)
ORDER BY place, id LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain: its place, from 1, and its hash."""

    place: int
    hash: bytes


@dataclass(slots=True)
class Verified:
    """What was found in the chain of a tenant.

    `found` are sentences, empty if the chain is whole. `emptied` counts entries whose
    personal part was destroyed.
    """

    business_id: str
    head: Head
    entries: int = 0
    emptied: int = 0
    found: list[str] = field(default_factory=list)

    def report(self, sentence: str) -> None:
        """Adds a finding; after many it only counts as one more."""
        if len(self.found) < MOST_FOUND:
            self.found.append(sentence)


async def tenants(database: Database) -> list[str]:
    """All tenants, and the one of nobody."""
    found = await database.rows(_TENANTS)
    return [NOBODY, *sorted(row[0] for row in found)]


async def verify(
    database: Database, business_id: str, known: Mapping[int, bytes]
) -> Verified:
    """Verifies a tenant's chain as it is at one moment.

    `known` are hashes by their places, which were written down before.
    """

    async def work(transaction: Transaction) -> Verified:
        await transaction.run(_ONE_SNAPSHOT)
        head = await transaction.row(_HEAD, business_id)
        return await _verify(transaction, business_id, head, known)

    return await database.in_transaction(work)


async def _verify(
    transaction: Transaction,
    business_id: str,
    head: Row | None,
    known: Mapping[int, bytes],
) -> Verified:
    place, before, swept = 0, FIRST, 0
    told = Verified(business_id, Head(0, FIRST))
    if head is not None:
        place = swept = head["swept_place"]
        before = head["swept_hash"]
        told.head = Head(head["place"], head["hash"])
    left = {each: value for each, value in known.items() if each > swept}
    newest = told.head.place if head is not None else _NO_HEAD
    async for row in _entries(transaction, business_id):
        told.entries += 1
        place, before = _next(told, newest, row, (place, before))
        if left.pop(row["place"], row["hash"]) != row["hash"]:
            told.report(f"{_name(row)} is not the entry that was known there.")
    if told.entries and head is None:
        told.report("The head of the chain is missing.")
    if place < told.head.place:
        told.report(_missing(place + 1, told.head.place) + " The newest is missing.")
    elif head is not None and before != told.head.hash:
        told.report(f"The head has another hash than the newest entry, {place}.")
    for each in sorted(left):
        told.report(f"Entry {each} was known and is missing.")
    return told


async def _entries(transaction: Transaction, business_id: str) -> AsyncIterator[Row]:
    """The entries in the order of their places."""
    after = -_NO_HEAD, ""
    while rows := await transaction.rows(_PAGE, business_id, *after, AT_ONCE):
        for row in rows:
            yield row
        after = rows[-1]["place"], rows[-1]["id"]


def _next(
    told: Verified, newest: int, row: Row, last: tuple[int, bytes]
) -> tuple[int, bytes]:
    """Looks at an entry after the last one. Returns its place and its hash."""
    place, before = last
    if row["salt"] is None:
        told.emptied += 1
    if not place < row["place"] <= newest:
        told.report(f"{_name(row)} was inserted.")
        return last
    if row["place"] > place + 1:
        told.report(_missing(place + 1, row["place"] - 1))
    elif row["before_hash"] != before:
        told.report(f"{_name(row)} does not follow the entry before it: reordered.")
    if not _is_whole(told.business_id, row):
        told.report(f"{_name(row)} was changed.")
    return row["place"], row["hash"]


def _is_whole(business_id: str, row: Row) -> bool:
    """Whether an entry is what its hashes say."""
    personal = row["ip"], row["details"]
    if row["salt"] is not None:
        digest = sha256(row["salt"] + _fields(*personal)).digest()
        if digest != row["personal_hash"]:
            return False
    elif personal != (None, None):
        return False
    since_1970 = row["at"] + EPOCH_SECONDS * SECOND
    rest = _fields(
        *(str(row["place"]), business_id, row["id"], str(since_1970), row["event"]),
        *(row["user_id"], row["client_id"], row["target"], row["trace_id"]),
    )
    digest = sha256(row["before_hash"] + row["personal_hash"] + rest).digest()
    return bool(digest == row["hash"])


def _fields(*values: str | None) -> bytes:
    """Each value with its length before it, as `audit_field` writes it."""
    written = bytearray()
    for value in values:
        if value is None:
            written += b"-,"
        else:
            data = value.encode()
            written += b"%d:%b," % (len(data), data)
    return bytes(written)


def _name(row: Row) -> str:
    return f"Entry {row['place']} ({row['id']}, {row['event']})"


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"Entry {first} is missing."
    return f"Entries {first} to {last} are missing."
