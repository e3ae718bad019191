"""A tenant's fields with a formula, and what the formula gives for a contact."""

from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.descriptors import record_type
from services.kinds.expressions.programs import check
from services.kinds.formulas import nameable, value_of
from services.kinds.own_fields import OwnFields
from services.kinds.own_schemas import compile_schema
from tests.services.kinds.expression_oracle import Values

KIND = record_type(Contact)
RESULTS = {
    "TEXT": pb.FIELD_RESULT_STRING,
    "NUMBER": pb.FIELD_RESULT_NUMBER,
    "BOOLEAN": pb.FIELD_RESULT_BOOLEAN,
}
TYPES = {
    "seats": pb.FIELD_TYPE_INTEGER,
    "price": pb.FIELD_TYPE_DECIMAL,
    "note": pb.FIELD_TYPE_TEXT,
    "flag": pb.FIELD_TYPE_BOOLEAN,
}


def fields(expression: str = "1", decimals: int = 9) -> OwnFields:
    """The fields of a tenant: four values, and a formula `it`."""
    own = [
        pb.Field(object="contacts", key=key, type=each) for key, each in TYPES.items()
    ]
    formula = pb.Field(object="contacts", key="it", type=pb.FIELD_TYPE_FORMULA)
    formula.expression, formula.decimals = expression, decimals
    plain = compile_schema(own, 1).of("contacts")
    given = check(expression, nameable(KIND, plain))
    formula.result = RESULTS[given.name]
    return compile_schema([*own, formula], 1).of("contacts")


def computed(own: OwnFields, values: Values) -> Any:
    """What the formula gives for a contact with some values."""
    contact = Contact()
    for name, value in values.items():
        holder, _, key = name.rpartition(".")
        if value is None:
            continue
        if holder:
            contact.custom_fields[key] = value
        else:
            setattr(contact, name, value)
    return value_of(own.by_key["it"], contact, own)
