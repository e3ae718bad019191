"""The scaffold and the database agree on every kind of record.

A field whose options ask for what no migration has made is found here, and so is a
scaffold that no longer makes what the engine reads.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
import pytest

from deploy.scaffold.migration import statements
from services.every_kind import KINDS
from services.kinds.descriptors import record_types
from services.postgres.schema import migrate
from tests.deploy.scaffold.catalog import described

KINDS_OF_RECORD = record_types(KINDS)

Lines = Mapping[str, set[str]]

_LOGINS = "users log in; roles and addresses belong to that, and so do the defaults"
_SWEPT = "sandboxes with something to do are looked for"
_FEW = "a tenant has few of them, which are read without an index"
_SELDOM = "few are about custom records: a partial index costs the others nothing"
_CUSTOM_LINKS = {
    "- index btree (business_id text_ops C, custom_record_id text_ops C)": _SELDOM,
    "+ index btree (business_id text_ops C, custom_record_id text_ops C)": _SELDOM,
}
_OF_WORKERS = "what workers know of a job, which the API does not show"
_RIGHTS = "with which rights an import runs, which the API does not show"
_FILES = "what the store of files may still hold, which sweeps and erasures look for"
_TOLD = "most activities are the server's own and lack these: partial indexes skip them"

# What the database has otherwise on purpose, and why: the beginnings of the lines that
# only the migrations make (-) or only the scaffold (+).
_LATER = "definitions that were there already get a value"
_ERASED = "an erasure looks for deleted records that are linked to a person"
_DELETED = (
    "- index btree (business_id text_ops C, {} text_ops C) WITH None"
    " WHERE ((deleted_at IS NOT NULL)"
)
_ALIKE = "duplicates are found along it"
_WORDLESS = "a word that folds to nothing does not find those that have no text"
_MERGED = dict.fromkeys(
    ("- column merged_ids", "+ column merged_ids"),
    "records that were there already get a value",
)
_ZONED = "few have one: a partial index costs the others nothing"
_CHAINED = "each entry holds the hash of the one before"

EXPLAINED: dict[str, dict[str, str]] = {
    "users": {
        "- column active": _LOGINS,
        "+ column active": _LOGINS,
        "- column password_hash": _LOGINS,
        "- key FOREIGN KEY (business_id, role)": _LOGINS,
        "- unique index btree (business_id text_ops C, lower(email)": _LOGINS,
        "- index": _FEW,
        "+ index": _FEW,
        "+ statistics": _FEW,
    },
    "fields": {
        "- unique index btree (business_id text_ops C, object": (
            "an object has one definition of a key"
        ),
        "- column sensitive": _LATER,
        "+ column sensitive": _LATER,
        "- column readable_by": _LATER,
        "+ column readable_by text": _LATER,
        "- column state": "programs of the version before write none",
        "+ column state": "programs of the version before write none",
        "+ index": _FEW,
        "+ statistics": _FEW,
    },
    "objects": {
        "- unique index btree (business_id text_ops C, slug": "paths name it",
        "+ index": _FEW,
        "+ statistics": _FEW,
    },
    "association_types": {
        "- unique index btree (business_id text_ops C, key": (
            "associations and filters name it"
        ),
        "+ index": _FEW,
        "+ statistics": _FEW,
    },
    "audit": {
        "- column before_hash": _CHAINED,
        "- column hash": _CHAINED,
        "- column personal_hash": _CHAINED,
        "- column place": _CHAINED,
        "- column salt": _CHAINED,
        "- unique index btree (business_id text_ops C, place": _CHAINED,
        "+ key FOREIGN KEY (business_id)": "some entries are of no tenant",
    },
    "associations": {
        "- unique index": "types limit how many records a record is associated with",
        "- index btree (business_id text_ops C, to_id": (
            "searches go from one record to the other by one index alone"
        ),
        "+ index btree (business_id text_ops C, from_id": "the unique one serves",
        _DELETED.format("from_id"): _ERASED,
        "+ index btree (business_id text_ops C, to_id": "one with the type serves",
    },
    "jobs": {
        **dict.fromkeys(
            (
                "- column client_id",
                "- column counted",
                "- column due_at",
                "- column failures",
                "- column is_cancelled",
                "- column is_open",
                "- column lease",
                "- column task",
            ),
            _OF_WORKERS,
        ),
        "- index btree (business_id text_ops C, due_at": "workers look for what is due",
        "+ index": _FEW,
        "+ statistics": _FEW,
    },
    "imports": {
        **dict.fromkeys(("- column client_id", "- column token_id"), _RIGHTS),
        "- column sendings": _FILES,
        "- column has_files": _FILES,
        "- index btree (business_id text_ops C, id text_ops C) WITH None WHERE has_": (
            _FILES
        ),
    },
    "exports": {
        **dict.fromkeys(
            (
                "- column names",
                "- column byte_order",
                "+ column names",
                "+ column byte_",
            ),
            "programs of the version before insert exports without them",
        ),
        "- column has_files": _FILES,
        "- index btree (business_id text_ops C, id text_ops C) WITH None WHERE has_": (
            _FILES
        ),
        "+ index": _FEW,
        "+ statistics": _FEW,
    },
    "sandboxes": {
        **dict.fromkeys(
            ("- column tenant_id", "- column is_open", "- column filled"),
            "what is left to do for a sandbox, and where its rows are",
        ),
        "- index btree (business_id text_ops C, expires_at timestamptz_ops)": _SWEPT,
        "- index btree (business_id text_ops C, id text_ops C) WITH None WHERE is_o": (
            _SWEPT
        ),
    },
    "webhooks": {
        "- unique index": "a user or an app has one webhook for each URL",
        "+ index": _FEW,
        "+ statistics": _FEW,
    },
    "schedules": {
        "- index btree (business_id text_ops C, user_id": "slots need those of a host",
    },
    "busy_times": {
        "- index btree (business_id text_ops C, user_id": "slots need those of a host",
    },
    "meeting_types": dict.fromkeys(
        ("- column requires_confirmation", "+ column requires_confirmation"), _LATER
    ),
    "bookings": {
        "- index btree (business_id text_ops C, meeting_type_id": (
            "hosts take turns by their bookings of a type, and their days are full"
        ),
        "- column search_text": _WORDLESS,
        "+ column search_text": _WORDLESS,
    },
    "consents": {
        "- index btree (business_id text_ops C, contact_id": "it finds the newest, too",
        "+ index btree (business_id text_ops C, contact_id": "the longer one serves",
    },
    "suppressions": {
        "- index btree (business_id text_ops C, (external": (
            "an erasure leaves a digest of the address"
        ),
    },
    "pipelines": {"+ index": _FEW, "+ statistics": _FEW},
    "merges": dict.fromkeys(
        ("- column xid", "- column undone_xid"),
        "the log of changes tells by it what a merge did",
    ),
    "companies": _MERGED
    | dict.fromkeys(
        (
            '- index btree (business_id text_ops C, "left"(name_folded',
            "- index btree (business_id text_ops C, host_key(",
            "- index btree (business_id text_ops C, phone_end(",
            "- index btree (business_id text_ops C, reverse(",
        ),
        _ALIKE,
    ),
    "deals": _MERGED,
    "records": _MERGED,
    "contacts": _MERGED
    | {
        "- index btree (business_id text_ops C, COALESCE(lower(time_zone": _ZONED,
        "+ index btree (business_id text_ops C, COALESCE(lower(time_zone": _ZONED,
        "- column search_text": "`name` holds the first and the last name already",
        "+ column search_text": "`name` holds the first and the last name already",
        "- index btree (business_id text_ops C, lifecycle_stage int2_ops, lead_score": (
            "people look for the promising contacts of a stage"
        ),
        **dict.fromkeys(
            (
                '- index btree (business_id text_ops C, "left"(fold(',
                "- index btree (business_id text_ops C, company_id text_ops C, ",
                "- index btree (business_id text_ops C, phone_end(",
            ),
            _ALIKE,
        ),
    },
    "tasks": _CUSTOM_LINKS | {_DELETED.format("contact_id"): _ERASED},
    "notes": _CUSTOM_LINKS
    | {
        _DELETED.format("contact_id"): _ERASED,
        "- index btree (business_id text_ops C, created_at": "few notes are pinned",
        "- index gin": "few notes are pinned",
        "+ index gin": "few notes are pinned",
    },
    "activities": {
        "- column search_text": _TOLD,
        "+ column search_text": _TOLD,
        "- index": _TOLD,
        "+ index": _TOLD,
    },
}


@pytest.fixture(scope="module")
def schemas(new_database: Callable[[str], str]) -> tuple[Lines, Lines]:
    """What the migrations made, and what the scaffold makes, by table."""
    url = new_database("scaffold")
    asyncio.run(migrate(url, lambda _: None))
    return asyncio.run(read(url))


async def read(url: str) -> tuple[Lines, Lines]:
    link = await asyncpg.connect(url)
    try:
        migrated = await read_all(link, "public")
        await link.execute("CREATE SCHEMA scaffold")
        await link.execute("SET search_path TO scaffold, public")
        for kind in KINDS_OF_RECORD.values():
            for statement in statements(kind, KINDS_OF_RECORD):
                await link.execute(statement)
        return migrated, await read_all(link, "scaffold")
    finally:
        await link.close()


async def read_all(link: "asyncpg.Connection[Any]", schema: str) -> Lines:
    return {
        kind.table: await described(link, f"{schema}.{kind.table}")
        for kind in KINDS_OF_RECORD.values()
    }


@pytest.mark.parametrize("table", [each.table for each in KINDS_OF_RECORD.values()])
def test_a_table_is_as_its_scaffold(table: str, schemas: tuple[Lines, Lines]) -> None:
    migrated, scaffolded = (each[table] for each in schemas)
    unlike = [f"- {each}" for each in sorted(migrated - scaffolded)]
    unlike += [f"+ {each}" for each in sorted(scaffolded - migrated)]
    explained = tuple(EXPLAINED.get(table, ()))
    left = [each for each in unlike if not each.startswith(explained)]
    assert not left, "\n".join(left)
    for each in explained:
        assert any(line.startswith(each) for line in unlike), f"no longer true: {each}"
