"""A filter finds its field by name, wherever the field's values are kept."""

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.options.v1.options_pb2 import FieldPolicy
from prospectconnect.type.v1.search_pb2 import Filter

from services.faults import Faults
from services.kinds import search_sql
from services.kinds.descriptors import record_type
from services.kinds.record_type import Field, RecordType
from services.postgres.sql_parts import Parameters, by_index
from services.search.fields import filtered_field
from services.search.filters import FilterCompiler

CONTACT, DEAL = record_type(Contact), record_type(Deal)


def with_own(record: RecordType, field: Field) -> RecordType:
    """A kind of record with one more field."""
    return replace(record, by_name={**record.by_name, field.name: field})


def own(model: Field, name: str, search: search_sql.SearchSql) -> Field:
    """A field of a tenant's own: like a built-in one, but kept elsewhere."""
    return replace(model, name=name, policy=FieldPolicy(filterable=True), search=search)


SEATS = own(
    CONTACT.by_name["lead_score"],
    "custom_fields.seats",
    search_sql.of_column("(r.custom_fields ->> 'seats')::bigint"),
)
RENEWED = own(
    DEAL.by_name["expected_close_date"],
    "custom_fields.renewed",
    search_sql.of_ordered("o.renewed", "date"),
)


def compiled(record: RecordType, condition: Any) -> tuple[str, list[Any]]:
    faults, parameters = Faults(), Parameters()
    compiler = FilterCompiler(record, faults, parameters)
    (found,) = compiler.all([ParseDict(condition, Filter())])
    assert not faults.found
    return by_index(found.sql), parameters.values


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("email", True),
        ("custom_fields.plan", True),
        ("custom_fields", False),
        ("custom_fields.", False),
        ("custom_fields.Plan", False),
        ("custom_fields.plan.size", False),
        ("email.plan", False),
        (".plan", False),
        ("nowhere", False),
        ("custom_fields." + "a" * 65, False),
    ],
)
def test_a_name_is_that_of_one_field(name: str, is_found: bool) -> None:
    field = filtered_field(CONTACT, name)
    assert (field is not None) == is_found
    assert field is None or field.name == name


def test_a_field_of_a_tenants_own_is_compared_by_its_own_expressions() -> None:
    record = with_own(CONTACT, SEATS)
    condition = {"field": SEATS.name, "operator": "OPERATOR_GT", "value": 5}
    sql = "(r.custom_fields ->> 'seats')::bigint"
    assert compiled(record, condition) == (f"{sql} > $1::bigint", [5])
    unset = {"field": SEATS.name, "operator": "OPERATOR_IS_EMPTY"}
    assert compiled(record, unset) == (f"{sql} IS NULL", [])


def test_an_unset_value_stands_where_the_comparison_does_not_hold() -> None:
    record = with_own(DEAL, RENEWED)
    for operator, end in (("LT", "infinity"), ("GT", "-infinity")):
        condition = {"field": RENEWED.name, "operator": f"OPERATOR_{operator}"}
        sql, _ = compiled(record, {**condition, "value": "2026-06-17"})
        assert sql.startswith(f"coalesce(o.renewed, '{end}'::date)")


def test_other_values_of_custom_fields_are_found_as_before() -> None:
    condition = {"field": "custom_fields.size", "operator": "OPERATOR_EQ", "value": 5}
    assert compiled(with_own(CONTACT, SEATS), condition) == compiled(CONTACT, condition)
