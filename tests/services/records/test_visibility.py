"""Who sees what, as SQL that each part of a search can take."""

import re

import pytest

from services.every_kind import KINDS as MESSAGES
from services.kinds.descriptors import record_type
from services.records.visibility import TENANT, visible
from tests.services.callers import caller

KINDS = {kind.resource: kind for kind in map(record_type, MESSAGES)}
LINKED = [kind.resource for kind in KINDS.values() if kind.link_fields]


@pytest.mark.parametrize("resource", LINKED)
def test_each_table_is_bound_to_the_tenant_by_its_value(resource: str) -> None:
    """Citus refuses a table that is bound by another's column behind an OR."""
    sql = visible(KINDS[resource], caller(role="member"), KINDS)
    tables = re.findall(r"\bFROM (\w+) AS (\w)", sql)
    linked = {KINDS[item.references].table for item in KINDS[resource].link_fields}
    assert {name for name, _ in tables} == linked
    assert sql.count(f"l.business_id = {TENANT}") == len(tables)
