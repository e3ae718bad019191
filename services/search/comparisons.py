"""What a filter may give for each kind of field: operators and types of value.

The table is that of `filters.proto`, which the OpenAPI documents are made from too.
"""

from collections.abc import Mapping

from prospectconnect.type.v1 import filters_pb2, search_pb2
from prospectconnect.type.v1.filters_pb2 import FieldKind, ValueType
from prospectconnect.type.v1.search_pb2 import Operands, Operator

from services.kinds.record_type import FieldType

# The types of value that an operator takes, as `google.protobuf.Value` names them.
Takes = Mapping[Operator.ValueType, tuple[str, ...]]

_VALUES = {
    ValueType.VALUE_TYPE_STRING: "string_value",
    ValueType.VALUE_TYPE_NUMBER: "number_value",
    ValueType.VALUE_TYPE_BOOLEAN: "bool_value",
}
_KINDS = {
    FieldType.STRING: (FieldKind.FIELD_KIND_STRING,),
    FieldType.ID: (FieldKind.FIELD_KIND_ID,),
    FieldType.LINKS: (FieldKind.FIELD_KIND_ID,),
    FieldType.IDS: (FieldKind.FIELD_KIND_ID,),
    FieldType.ENUM: (FieldKind.FIELD_KIND_ENUM,),
    FieldType.INTEGER: (FieldKind.FIELD_KIND_NUMBER,),
    FieldType.DECIMAL: (FieldKind.FIELD_KIND_NUMBER,),
    FieldType.DATE: (FieldKind.FIELD_KIND_DATE,),
    FieldType.TIMESTAMP: (FieldKind.FIELD_KIND_TIMESTAMP,),
    FieldType.BOOLEAN: (FieldKind.FIELD_KIND_BOOLEAN,),
    FieldType.TAGS: (FieldKind.FIELD_KIND_TAGS,),
    FieldType.ASSOCIATED: (FieldKind.FIELD_KIND_ASSOCIATION,),
    FieldType.EXTERNAL: (FieldKind.FIELD_KIND_EXTERNAL_ID,),
    FieldType.CUSTOM: (
        FieldKind.FIELD_KIND_CUSTOM_VALUE,
        FieldKind.FIELD_KIND_CUSTOM_TEXT,
        FieldKind.FIELD_KIND_CUSTOM_NUMBER,
    ),
}


def _takes(kind: FieldKind.ValueType) -> Takes:
    described = FieldKind.DESCRIPTOR.values_by_number[kind]
    comparison = described.GetOptions().Extensions[filters_pb2.comparison]
    values = tuple(_VALUES[each] for each in comparison.values)
    return dict.fromkeys(comparison.operators, values)


def _of_operands(number: Operands.ValueType) -> frozenset[Operator.ValueType]:
    return frozenset(
        Operator.Value(each.name)
        for each in Operator.DESCRIPTOR.values
        if each.GetOptions().Extensions[search_pb2.operands] == number
    )


# The operators that a field takes, each with its types of value.
TAKES: Mapping[FieldType, Takes] = {
    kind: {operator: v for each in kinds for operator, v in _takes(each).items()}
    for kind, kinds in _KINDS.items()
}

# Operators that take an array of values, and those that take none.
SEVERAL = _of_operands(Operands.OPERANDS_SEVERAL)
NONE = _of_operands(Operands.OPERANDS_NONE)
