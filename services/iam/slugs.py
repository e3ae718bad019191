"""The names of tenants in public addresses: no two tenants share one."""

import re
import unicodedata

import asyncpg

from services.errors import ServiceError
from services.iam.tenants import business_of
from services.postgres.database import Database

_FORM = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_OTHER = re.compile(r"[^a-z0-9]+")
_MOST = 50  # of a name, so that the end of an id has room
_OF_ID = 8
INDEX = "tenants_slug"

_SET = "UPDATE tenants SET slug = $2 WHERE business_id = $1"


def slug_of(name: str, business_id: str) -> tuple[str, str]:
    """The slug of a name, and the one that stands where another tenant has that."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    short = _OTHER.sub("-", plain.lower())[:_MOST].strip("-")
    longer = f"{short}-{business_id[-_OF_ID:]}".strip("-")
    return short or longer, longer


def free_slug_sql(short: str, longer: str) -> str:
    """SQL of the first of two slugs that no tenant has, by the SQL of both."""
    return (
        f"CASE WHEN EXISTS (SELECT FROM tenants AS s WHERE s.slug = {short})"
        f" THEN {longer} ELSE {short} END"
    )


async def set_slug(database: Database, tenant_name: str, slug: str) -> None:
    """Sets a tenant's slug. The addresses with the one before end."""
    if not _FORM.fullmatch(slug):
        raise ServiceError(
            "A slug is 1 to 64 lower-case letters, digits and -, with a letter or digit"
            " at both ends."
        )
    business_id = await business_of(database, tenant_name)
    try:
        await database.run(_SET, business_id, slug)
    except asyncpg.UniqueViolationError:
        raise ServiceError(f"Another tenant has the slug {slug!r}.") from None
