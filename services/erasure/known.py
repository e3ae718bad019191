"""What an erased person is known by: as they are, and as they were called before."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.erasure.rejected_rows import Person, person_of
from services.postgres.database import Transaction

# Shorter numbers stand in other ones.
_LEAST = 6

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

# The persons of a statement, from five lists beginning at a value.
_TABLE = """
person AS (
  SELECT lower(email) AS email, lower(phone) AS phone, digits,
    lower(first_name) AS first_name, lower(last_name) AS last_name
  FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS p (email, phone, digits, first_name, last_name)
)
"""
PERSON_SQL = _TABLE.strip()


@dataclass(frozen=True, slots=True)
class Known:
    """A person by what rows are compared with, and by lists for statements.

    `lists`: e-mail addresses, telephone numbers, their last digits, first and last
    names, as `PERSON_SQL` takes them.
    """

    persons: Sequence[Person]
    lists: tuple[list[str | None], ...]


async def known_as(
    transaction: Transaction, business_id: str, ids: Sequence[str]
) -> Known:
    """What the records of a person know of them, and their histories."""
    rows = await transaction.rows(_SQL, business_id, list(ids))
    persons = [
        person_of(row[0] or "", row[1] or "", (row[2] or "", row[3] or ""))
        for row in rows
    ]
    phones = [row[1] if len(row[1] or "") >= _LEAST else None for row in rows]
    return Known(
        persons,
        (
            [row[0] or None for row in rows],
            phones,
            [person.digits or None for person in persons],
            [row[2] or None for row in rows],
            [row[3] or None for row in rows],
        ),
    )
