"""Finds all duplicates among labelled records, by the product's own ways."""

from collections.abc import Sequence
from typing import Any

from services.duplicates.looking import Looking
from services.duplicates.methods import DEFAULT_SCORE, KINDS
from services.every_kind import compile_kinds
from services.postgres.database import Database
from services.records.bulk import copy_records
from services.records.engine import Records
from services.tenant_setup import create_tenant
from tests.services.callers import caller
from tests.services.duplicates.labelled import Found, Labelled, pair

_TOGETHER = 200


async def all_found(database: Database, name: str, labelled: Labelled) -> Found:
    """Loads labelled records into a new tenant and finds what is the same."""
    business_id = await create_tenant(database, name)
    message = type(labelled.records[0])
    await copy_records(database, message, business_id, labelled.records)
    looking = looking_at(database, message.DESCRIPTOR.name.lower())
    who, last, goes_on = caller(business_id, ""), "", True
    found: set[tuple[str, str]] = set()
    while goes_on:
        subjects, last, goes_on = await looking.after(who, last, _TOGETHER)
        pairs = await looking.pairs(who, subjects, DEFAULT_SCORE)
        found |= {pair(each.start.id, each.found.id) for each in pairs}
    return Found(labelled, frozenset(found))


def looking_at(database: Database, resource: str) -> Looking:
    compiled: Any = compile_kinds()[resource]
    return Looking(Records(database, compiled), KINDS[resource])


def as_rows(rows: Sequence[tuple[Any, ...]]) -> str:
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)
