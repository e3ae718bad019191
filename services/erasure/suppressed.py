"""Suppressions of an erased person's addresses: they go on without the addresses.

A person who wanted no mail must get none after the erasure either. So a digest stays,
with a key, and the address becomes `[erased]` in the record and in its history.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kinds.record_type import RecordType
from services.postgres.database import Transaction
from services.records.erasing import statements as sql
from services.records.erasing.texts import text_sql
from services.records.log.actor import acting

# Suppressions of addresses, lifted ones too. Values: business, the addresses.
_FIND = """
SELECT r.id FROM suppressions AS r WHERE r.business_id = $1
  AND lower(r.address) COLLATE "C" IN (SELECT lower(e) FROM unnest($2::text[]) AS e)
ORDER BY r.id FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class Hidden:
    """The ids of the suppressions, and how many entries their histories lost."""

    ids: Sequence[str] = ()
    history: int = 0


async def hide(
    transaction: Transaction,
    business_id: str,
    addresses: Sequence[str],
    kind: RecordType,
    key: bytes,
    moment: int,
) -> Hidden:
    """Takes addresses out of suppressions, which go on."""
    rows = await transaction.rows(_FIND, business_id, list(addresses))
    if not rows:
        return Hidden()
    its = business_id, [row["id"] for row in rows]
    await transaction.run(sql.DIGEST_SQL, *its, key)
    texts = text_sql(kind)
    await transaction.run(texts.blank, *its, moment, acting())
    scrubbed = await transaction.row(texts.scrub, *its)
    await transaction.run(sql.UNIQUE_SQL, *its)
    await transaction.run(sql.ANSWERS_SQL, *its)
    return Hidden(its[1], 0 if scrubbed is None else scrubbed[0])
