"""Copies records of a tenant into its sandbox, every personal value made up.

Each field of each kind says what becomes of it: drawn values stand for texts and
amounts, times are moved, choices are copied, and everything that is not listed stays
empty. A test holds the lists against the kinds. Ids and owners are drawn by the seed,
so that no sample record can be matched to the live one that it stands for.
"""

from collections.abc import Mapping, Sequence

from prospectconnect.crm.v1.activities_pb2 import ACTIVITY_SOURCE_SYSTEM

from services.postgres.database import Transaction
from services.postgres.sql_parts import quoted
from services.records.copying import made_up
from services.records.copying.made_up import if_set, kept_equal, one_of

# Values of each statement: the live tenant, the sandbox, ids of records, the seed.


def new_id(column: str) -> str:
    """SQL of the id that stands for an id: all digits are drawn, its second too."""
    return (
        f"left({column}, strpos({column}, '_'))"
        f" || left(md5($4::bigint::text || $1 || {column}), 24)"
    )


def lead(column: str, table: str) -> str:
    """SQL of a reference, where the record that it leads to was copied."""
    return (
        f"(SELECT r.id FROM {table} AS r"
        f" WHERE r.business_id = $2 AND r.id = {new_id(f's.{column}')})"
    )


# What every record has.
_ALWAYS: Mapping[str, str] = {
    "created_at": made_up.earlier("s.created_at"),
    "updated_at": made_up.earlier("s.updated_at"),
    "created_by": made_up.somebody("s.created_by"),
}
_LINKS: Mapping[str, str] = {
    "contact_id": lead("contact_id", "contacts"),
    "company_id": lead("company_id", "companies"),
    "deal_id": lead("deal_id", "deals"),
    "custom_record_id": lead("custom_record_id", "records"),
}
_OWN: Mapping[str, str] = {"custom_fields": "'{}'::jsonb"}
# What stays empty: what it holds is the original's alone.
EMPTY = ("external_ids", "merged_ids", "merged_into_id")

VALUES: Mapping[str, Mapping[str, str]] = {
    "companies": {
        "name": made_up.FIRM,
        "domain": if_set(
            "s.domain", f"'firm-' || to_hex({made_up.drawn('d')}) || '.example'"
        ),
        "website": if_set(
            "s.website",
            f"'https://firm-' || to_hex({made_up.drawn('d')}) || '.example/'",
        ),
        "industry": kept_equal("s.industry", made_up.INDUSTRIES),
        "phone": if_set("s.phone", made_up.PHONE),
        "employee_count": made_up.about("s.employee_count") + "::int",
        "annual_revenue": made_up.about("s.annual_revenue"),
        "description": if_set("s.description", one_of(made_up.TEXTS, "text")),
        "owner_id": made_up.somebody("s.owner_id"),
        "tags": made_up.TAGS_DRAWN,
        **made_up.ADDRESS,
    },
    "contacts": {
        "first_name": made_up.FIRST_NAME,
        "last_name": made_up.LAST_NAME,
        "name": made_up.NAME,
        "email": if_set("s.email", made_up.EMAIL),
        "phone": if_set("s.phone", made_up.PHONE),
        "company_id": _LINKS["company_id"],
        "job_title": if_set("s.job_title", one_of(made_up.TITLES, "title")),
        "lifecycle_stage": "s.lifecycle_stage",
        "lead_score": f"least(100, {made_up.about('s.lead_score')})::int",
        "source": kept_equal("s.source", made_up.SOURCES),
        "owner_id": made_up.somebody("s.owner_id"),
        "tags": made_up.TAGS_DRAWN,
        **made_up.ADDRESS,
        "time_zone": "s.time_zone",
        "last_contacted_at": made_up.earlier("s.last_contacted_at"),
    },
    "deals": {
        "name": one_of(made_up.DEALS, "deal") + " " + f"|| ' ' || {made_up.FIRM}",
        "pipeline_id": "s.pipeline_id",
        "stage_id": "s.stage_id",
        "status": "s.status",
        "value": made_up.about("s.value"),
        "currency": "s.currency",
        "expected_close_date": made_up.earlier_day("s.expected_close_date"),
        "contact_id": _LINKS["contact_id"],
        "company_id": _LINKS["company_id"],
        "owner_id": made_up.somebody("s.owner_id"),
        "source": kept_equal("s.source", made_up.SOURCES),
        "lost_reason": if_set("s.lost_reason", one_of(made_up.REASONS, "reason")),
        "tags": made_up.TAGS_DRAWN,
        "stage_changed_at": made_up.earlier("s.stage_changed_at"),
        "closed_at": made_up.earlier("s.closed_at"),
    },
    "records": {
        "object": "s.object",
        "name": f"{one_of(made_up.FIRMS, 'firm')} || ' ' || {made_up.digits('n', 4)}",
        "owner_id": made_up.somebody("s.owner_id"),
        "tags": made_up.TAGS_DRAWN,
    },
    "tasks": {
        "name": one_of(made_up.TASKS, "task"),
        "description": if_set("s.description", one_of(made_up.TEXTS, "text")),
        "priority": "s.priority",
        "due_date": made_up.earlier_day("s.due_date"),
        "status": "s.status",
        "completed_at": made_up.earlier("s.completed_at"),
        "completed_by": made_up.somebody("s.completed_by"),
        "assignee_id": made_up.somebody("s.assignee_id"),
        **_LINKS,
    },
    "notes": {
        "body": one_of(made_up.TEXTS, "text"),
        "pinned": "s.pinned",
        "pinned_at": made_up.earlier("s.pinned_at"),
        "author_id": made_up.somebody("s.author_id"),
        **_LINKS,
    },
    "activities": {
        "type": "s.type",
        "subject": if_set("s.subject", one_of(made_up.SUBJECTS, "subject")),
        "body": if_set("s.body", one_of(made_up.TEXTS, "text")),
        "direction": "s.direction",
        "occurred_at": made_up.earlier("s.occurred_at"),
        "duration_seconds": made_up.about("s.duration_seconds") + "::int",
        "actor_id": made_up.somebody("s.actor_id"),
        "source": "s.source",
        # What the server's own events are called. The values that they tell of go.
        "metadata": f"""CASE WHEN s.source = {ACTIVITY_SOURCE_SYSTEM}
          THEN jsonb_build_object('event', s.metadata -> 'event') ELSE '{{}}' END""",
        **_LINKS,
    },
}
# What hangs on contacts, in the order in which it is copied.
_HANGING = ("deals", "tasks", "notes", "activities")

# Some of the newest contacts, drawn by the seed. Values: business, seed, how many,
# after how many.
_NEWEST = 100_000
_CHOSEN = f"""
SELECT c.id, c.company_id FROM (
  SELECT id, company_id FROM contacts
  WHERE business_id = $1 AND deleted_at IS NULL
  ORDER BY created_at DESC, id DESC LIMIT {_NEWEST}
) AS c ORDER BY hashtextextended(c.id, $2::bigint), c.id LIMIT $3 OFFSET $4
"""
_NEWEST_RECORDS = """
SELECT id FROM records WHERE business_id = $1 AND deleted_at IS NULL
ORDER BY created_at DESC, id DESC LIMIT $2
"""
_ASSOCIATIONS = f"""
INSERT INTO associations (business_id, id, type, from_id, to_id, cardinality,
  created_at, updated_at, created_by)
SELECT $2, {new_id("s.id")}, s.type, {new_id("s.from_id")}, {new_id("s.to_id")},
  s.cardinality, {", ".join(_ALWAYS.values())}
FROM associations AS s
WHERE s.business_id = $1 AND s.deleted_at IS NULL AND s.from_id = ANY($3::text[])
  AND s.to_id = ANY($3::text[])
ON CONFLICT DO NOTHING
"""


def _hanging_sql(table: str) -> str:
    """The records of a table with a link to one of some contacts, the newest first."""
    return (
        f"SELECT id FROM {table} WHERE business_id = $1 AND deleted_at IS NULL"
        " AND contact_id = ANY($2::text[]) ORDER BY created_at DESC, id DESC LIMIT $3"
    )


def copy_sql(table: str) -> str:
    """Copies some records of a table."""
    own = _OWN if table != "associations" else {}
    values = {**VALUES[table], **own, **_ALWAYS}
    columns = ", ".join(map(quoted, values))
    return (
        f"INSERT INTO {table} (business_id, id, {columns})"
        f" SELECT $2, {new_id('s.id')}, {', '.join(values.values())}"
        f" FROM {table} AS s WHERE s.business_id = $1 AND s.id = ANY($3::text[])"
        " AND s.deleted_at IS NULL ON CONFLICT DO NOTHING"
    )


async def fill(
    transaction: Transaction,
    tenants: tuple[str, str],
    seed: int,
    part: tuple[int, int],
) -> int:
    """Copies some contacts and all about them. Returns how many there were.

    `tenants` are the live one and its sandbox; `part`: after how many, and how many.
    """
    live, _ = tenants
    after, most = part
    chosen = await transaction.rows(_CHOSEN, live, seed, most, after)
    contacts = [row[0] for row in chosen]
    companies = sorted({row[1] for row in chosen if row[1]})
    copied = [*companies, *contacts]
    await _copy(transaction, "companies", tenants, companies, seed)
    await _copy(transaction, "contacts", tenants, contacts, seed)
    records = await transaction.rows(_NEWEST_RECORDS, live, after + most)
    of_objects = [row[0] for row in records][after:]
    await _copy(transaction, "records", tenants, of_objects, seed)
    copied += of_objects
    for table in _HANGING:
        rows = await transaction.rows(_hanging_sql(table), live, contacts, most)
        hanging = [row[0] for row in rows]
        await _copy(transaction, table, tenants, hanging, seed)
        copied += hanging
    await transaction.run(_ASSOCIATIONS, *tenants, copied, seed)
    return len(contacts)


async def _copy(
    transaction: Transaction,
    table: str,
    tenants: tuple[str, str],
    ids: Sequence[str],
    seed: int,
) -> None:
    if ids:
        await transaction.run(copy_sql(table), *tenants, list(ids), seed)
