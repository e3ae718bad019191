"""What an erased person is known by: as they are, and as they were called before."""

from collections.abc import Sequence

from services.erasure.person import Person, person_of
from services.postgres.database import Transaction

# Values: business, the ids of the person's records.
_SQL = """
SELECT email, phone, first_name, last_name FROM contacts
WHERE business_id = $1 AND id = ANY($2::text[])
UNION
SELECT CASE WHEN e.key = 'email' THEN e.value END,
  CASE WHEN e.key = 'phone' THEN e.value END, NULL, NULL
FROM changes AS c, unnest(ARRAY[c.was, c.now]) AS s (state),
  LATERAL jsonb_each_text(coalesce(s.state, '{}')) AS e (key, value)
WHERE c.business_id = $1 AND c.record_id = ANY($2::text[])
  AND e.key IN ('email', 'phone') AND e.value IS NOT NULL
"""


async def known_as(
    transaction: Transaction, business_id: str, ids: Sequence[str]
) -> tuple[list[Person], list[str]]:
    """What the records of a person know of them, and their histories.

    Besides, all e-mail addresses among that, as they are written.
    """
    rows = await transaction.rows(_SQL, business_id, list(ids))
    persons = [
        person_of(row[0] or "", row[1] or "", (row[2] or "", row[3] or ""))
        for row in rows
    ]
    return persons, list(dict.fromkeys(row[0] for row in rows if row[0]))
