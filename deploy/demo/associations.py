"""How the demonstration tenant has associated its records."""

from collections.abc import Iterator, Sequence

from prospectconnect.crm.v1.associations_pb2 import Association
from prospectconnect.schema.v1.association_types_pb2 import (
    CARDINALITY_MANY_TO_MANY,
    CARDINALITY_MANY_TO_ONE,
    CARDINALITY_ONE_TO_MANY,
    AssociationType,
    Cardinality,
)

from services.clock import to_timestamp
from services.postgres.database import Database, Row

ROLES = ("Decision maker", "Technical adviser", "Purchasing", "User")

# So many deals have other contacts: two of the company that the deal is with. Where
# much is loaded there are no indexes yet, so the contacts are read once, not for each
# deal.
_DEALS = 5_000
_OTHERS = """
SELECT deal, contact, created_at FROM (
  SELECT d.id AS deal, c.id AS contact, d.created_at,
    row_number() OVER (PARTITION BY d.id ORDER BY c.id) AS place
  FROM (
    SELECT * FROM deals WHERE business_id = $1 AND company_id IS NOT NULL
      AND deleted_at IS NULL ORDER BY id LIMIT $2
  ) AS d JOIN contacts AS c ON c.business_id = $1
    AND c.company_id = d.company_id AND c.id IS DISTINCT FROM d.contact_id
    AND c.deleted_at IS NULL
) AS others WHERE place <= 2 ORDER BY deal, contact
"""
_COMPANIES = """
SELECT id, created_at FROM companies WHERE business_id = $1 AND deleted_at IS NULL
ORDER BY id LIMIT 2000
"""
_CONTACTS = """
SELECT id, created_at FROM contacts WHERE business_id = $1 AND deleted_at IS NULL
ORDER BY id LIMIT 3000
"""

REFERRAL = "referral"


def types(user_id: str) -> list[AssociationType]:
    """The tenant's own types, by the user who made them."""
    return [
        AssociationType(
            key=REFERRAL,
            from_object="contacts",
            to_object="contacts",
            label="Referrals",
            inverse_label="Referred by",
            cardinality=CARDINALITY_ONE_TO_MANY,
            created_by=user_id,
        )
    ]


async def associations(
    database: Database, business_id: str, user_id: str
) -> list[Association]:
    """The associations of records that are loaded."""
    others = await database.rows(_OTHERS, business_id, _DEALS)
    companies = await database.rows(_COMPANIES, business_id)
    contacts = await database.rows(_CONTACTS, business_id)
    return [
        *_of_deals(others, user_id),
        *_groups(companies, user_id),
        *_referrals(contacts, user_id),
    ]


def _association(
    key: str, kind: Cardinality.ValueType, pair: tuple[str, str], at: int, user_id: str
) -> Association:
    return Association(
        type=key,
        cardinality=kind,
        from_id=pair[0],
        to_id=pair[1],
        created_at=to_timestamp(at),
        created_by=user_id,
    )


def _of_deals(rows: Sequence[Row], user_id: str) -> Iterator[Association]:
    """A deal's other contacts, each with a role."""
    for number, (deal, contact, at) in enumerate(rows):
        pair, kind = (deal, contact), CARDINALITY_MANY_TO_MANY
        made = _association("deal_contacts", kind, pair, at, user_id)
        made.role = ROLES[number % len(ROLES)]
        yield made


def _groups(rows: Sequence[Row], user_id: str) -> Iterator[Association]:
    """Of nine companies one has a subsidiary, and this has two."""
    for first in range(0, len(rows) - 3, 9):
        (top, _), (middle, at), *low = rows[first : first + 4]
        kind = CARDINALITY_MANY_TO_ONE
        yield _association("company_parent", kind, (middle, top), at, user_id)
        for child, then in low:
            pair = child, middle
            yield _association("company_parent", kind, pair, then, user_id)


def _referrals(rows: Sequence[Row], user_id: str) -> Iterator[Association]:
    """One contact in twenty has referred two others."""
    for first in range(0, len(rows) - 2, 20):
        (referrer, _), *others = rows[first : first + 3]
        for other, at in others:
            kind, pair = CARDINALITY_ONE_TO_MANY, (referrer, other)
            yield _association(REFERRAL, kind, pair, at, user_id)
