"""The form of a field has exactly the inputs that the services take for its type."""

import pytest
from google.protobuf.struct_pb2 import Value
from google.type.decimal_pb2 import Decimal
from prospectconnect.schema.v1 import fields_pb2 as pb

from edge.account.schema.field_types import TYPES, TypeOfField, number_of
from services.faults import Faults
from services.schema import definitions

GIVEN = {
    "required": pb.Field(required=True),
    "unique": pb.Field(unique=True),
    "searchable": pb.Field(searchable=True),
    "default_value": pb.Field(default_value=Value(string_value="x")),
    "max_length": pb.Field(max_length=5),
    "min": pb.Field(min=Decimal(value="1")),
    "max": pb.Field(max=Decimal(value="1")),
    "decimals": pb.Field(decimals=1),
    "options": pb.Field(options=[pb.FieldOption(value="a", label="A")]),
    "target": pb.Field(target="deals"),
    "expression": pb.Field(expression="1.0"),
}


def is_taken(kind: TypeOfField, name: str) -> bool:
    """Whether the services know a member for definitions of a type."""
    faults, field = Faults(), pb.Field(object="deals", key="k", label="K")
    field.type = number_of(kind.name)
    field.MergeFrom(GIVEN[name])
    definitions.check(field, ["deals"], ["deals"], faults)
    refusals = (f"has no {name}.", "refers to a record.")
    return not any(
        fault.field == f"field.{name}" and fault.message.endswith(refusals)
        for fault in faults.found
    )


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_a_form_has_the_inputs_that_the_services_take(kind: TypeOfField) -> None:
    assert kind.inputs == {name for name in GIVEN if is_taken(kind, name)}


def test_every_type_can_be_chosen() -> None:
    assert len(TYPES) == len(definitions.TYPES)
    assert {number_of(name) for name in TYPES} == set(definitions.TYPES)
