"""Copies for sandboxes: each field says what becomes of it."""

import re

import pytest

from services.every_kind import compile_kinds
from services.records.copying import clearing, definitions, samples

KINDS = compile_kinds()
BY_TABLE = {each.kind.table: each.kind for each in KINDS.values()}
ALWAYS = {"id", "created_at", "updated_at", "created_by", "custom_fields"}
# Columns that may be copied as they are: no text that somebody wrote.
AS_IT_IS = re.compile(
    r"pipeline_id|stage_id|lifecycle_stage|type|status|state|priority"
    r"|source|direction|pinned|object|currency|country|time_zone"
)


@pytest.mark.parametrize("table", samples.VALUES)
def test_each_field_of_a_sample_record_is_made_up_or_left_out(table: str) -> None:
    names = {each.name for each in BY_TABLE[table].fields} - ALWAYS
    assert names - set(samples.EMPTY) == set(samples.VALUES[table])


@pytest.mark.parametrize("table", samples.VALUES)
def test_no_text_of_a_record_is_copied_as_it_is(table: str) -> None:
    for name, value in samples.VALUES[table].items():
        if value == f"s.{name}":
            assert AS_IT_IS.fullmatch(name), name
    if table in ("contacts", "deals"):  # where `source` is a text, not a choice
        assert samples.VALUES[table]["source"] != "s.source"


@pytest.mark.parametrize(
    "resource", [*definitions.COPIED, "pipeline", "schedule", "meeting_type"]
)
def test_each_field_of_a_definition_is_copied(resource: str) -> None:
    kind = KINDS[resource].kind
    sql = definitions.copy_sql(kind, {})
    columns = sql.partition("(")[2].partition(")")[0].replace('"', "").split(", ")
    assert columns == ["business_id", *(each.name for each in kind.fields)]


def test_tables_are_cleared_before_those_that_they_refer_to() -> None:
    refers = {"tenants": [], "users": ["roles", "tenants"], "roles": ["tenants"]}
    assert clearing.in_order(refers) == ["users", "roles", "tenants"]
    assert clearing.in_order({"deals": ["apps"]}) == ["deals"]
