"""A field that the edge could not read is no good value, although it adds no fault."""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.type.decimal_pb2 import Decimal
from prospectconnect.crm.v1.companies_pb2 import (
    Company,
    CreateCompanyRequest,
    SearchCompaniesRequest,
)
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.faults import Faults
from services.kinds.custom_fields import MOST_ELEMENTS, MOST_KEYS
from services.kinds.descriptors import record_type
from services.kinds.rules import compile_check
from services.postgres.sql_parts import Parameters
from services.search.filters import FilterCompiler

KIND = record_type(Company)
AMOUNTS = ("1e-999999999", "1e40", "1e999999999", "9" * 60_000, "-1", "1.234", "x")
VALUES = (
    Value(null_value=0),  # type: ignore[arg-type]  # the only one
    Value(number_value=float("inf")),
    Value(number_value=9007199254740993),
    Value(string_value="a"),
    Value(bool_value=True),
    Value(struct_value=Struct()),
    Value(list_value=ListValue()),
    Value(),
)
FIELDS = [
    f"custom_fields.{item.name}" if item.policy.custom_fields else item.name
    for item in KIND.fields
    if item.policy.filterable
]


class Everything:
    """As if the edge could read no field at all."""

    def __contains__(self, _: object) -> bool:
        return True


def checked(request: Any) -> Faults:
    faults = Faults(Everything())
    compile_check(request.DESCRIPTOR)(request, "", faults)
    assert not faults.found
    return faults


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_is_not_written_out(amount: str) -> None:
    given = Decimal(value=amount)
    request = CreateCompanyRequest(company=Company(name="a", annual_revenue=given))
    assert checked(request).codes
    assert request.company.annual_revenue.value == amount


def test_custom_fields_are_not_written_out() -> None:
    request = CreateCompanyRequest(company=Company(name="a"))
    many = ListValue(values=[Value(string_value="")] * (20 * MOST_ELEMENTS + 1))
    request.company.custom_fields.fields["key"].list_value.CopyFrom(many)
    assert len(checked(request).codes) == 1


@pytest.mark.parametrize("operator", Operator.values())
def test_no_filter_compares_a_value_that_is_none(operator: Any) -> None:
    """Every field, operator and kind of value: each is compiled or refused."""
    for name in FIELDS:
        for value in VALUES:
            for given in (
                Filter(field=name, operator=operator, value=value),
                Filter(field=name, operator=operator, values=[value]),
                Filter(field=name, operator=operator, values=[value, value]),
            ):
                faults = Faults(Everything())
                request = SearchCompaniesRequest(filters=[given])
                FilterCompiler(KIND, faults, Parameters()).all(request.filters)
                assert not faults.found


def test_elements_are_counted_over_all_custom_fields() -> None:
    """Each array is within what is looked at, all of them together are not."""
    company = Company(name="a")
    for number in range(999):
        listed = company.custom_fields.fields[f"key_{number}"].list_value.values
        listed.extend([Value(string_value="a")] * MOST_ELEMENTS * 20)
    faults = Faults()
    compile_check(CreateCompanyRequest.DESCRIPTOR)(
        CreateCompanyRequest(company=company), "", faults
    )
    assert len(faults.found) < 2 * MOST_KEYS
