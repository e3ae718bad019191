"""The filters of a search, checked and compiled to SQL.

Every fault of every condition is found, with its path; what comes out holds only
columns that the record type names and values that are parameters.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from google.protobuf.struct_pb2 import Value
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.faults import Faults
from services.kinds.formats import day, exact, no_such_day, timestamp
from services.kinds.own_fields import NO_FIELDS, OwnFields
from services.kinds.record_type import Field, FieldType, RecordType
from services.postgres.sql_parts import Condition, Parameters, all_of, any_of
from services.search.comparisons import NONE, SEVERAL, TAKES
from services.search.fields import filtered_field, refusal
from services.search.operators import bounds, condition, is_narrow

MOST_CONDITIONS = 100
MOST_DEPTH = 5
MOST_VALUES = 1_000
# PostgreSQL refuses numbers of very many decimals.
MOST_DECIMALS = 1_000

_GROUPS = ("any", "all", "not")
_PREFIX = len("OPERATOR_")
_FAULTY = Condition(())


class _TooManyConditionsError(Exception):
    """No condition after these is looked at."""


class FilterCompiler:
    """Compiles the filters of one search over one kind of record."""

    def __init__(
        self,
        record: RecordType,
        faults: Faults,
        parameters: Parameters,
        own: OwnFields = NO_FIELDS,
    ) -> None:
        self._record = record
        self._faults = faults
        self._parameters = parameters
        self._own = own
        self._conditions = 0
        self._values_seen = 0
        self._has_listed = False

    def all(self, filters: Sequence[Filter], path: str = "filters") -> list[Condition]:
        """The condition of each filter, all of which must hold."""
        try:
            return [
                self._filter(item, f"{path}[{index}]", 0)
                for index, item in enumerate(filters)
            ]
        except _TooManyConditionsError:
            code = FaultCode.FAULT_CODE_TOO_MANY
            message = f"A search holds at most {MOST_CONDITIONS} conditions."
            self._faults.add(path, code, message)
            return []

    def _filter(self, item: Filter, path: str, depth: int) -> Condition:
        groups = [name for name in ("any", "all") if len(getattr(item, name))] + [
            "not"
        ] * item.HasField("not")
        is_condition = (
            item.HasField("field")
            or item.HasField("operator")
            or item.HasField("value")
            or len(item.values) > 0
        )
        if len(groups) + is_condition > 1:
            message = "Give either a condition or one group, not both."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return _FAULTY
        if groups:
            return self._group(item, groups[0], path, depth + 1)
        if any(f"{path}.{name}" in self._faults.faulty for name in _GROUPS):
            return _FAULTY  # a group that could not be read, not a condition
        return self._condition(item, path)

    def _group(self, item: Filter, name: str, path: str, depth: int) -> Condition:
        if depth > MOST_DEPTH:
            message = f"Groups nest at most {MOST_DEPTH} deep."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return _FAULTY
        if name == "not":
            inner = self._filter(getattr(item, "not"), f"{path}.not", depth)
            return Condition(("(", *inner.sql, ") IS NOT TRUE"))
        parts = [
            self._filter(part, f"{path}.{name}[{index}]", depth)
            for index, part in enumerate(getattr(item, name))
        ]
        holds = any_of if name == "any" else all_of
        return Condition(holds([part.sql for part in parts]))

    def _condition(self, item: Filter, path: str) -> Condition:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise _TooManyConditionsError
        before = len(self._faults.codes)
        field = self._field(item, f"{path}.field")
        if field is None:
            if not item.operator:
                code = FaultCode.FAULT_CODE_REQUIRED
                self._faults.add(f"{path}.operator", code, "Give an operator.")
            return _FAULTY
        if item.operator not in TAKES[field.type]:
            self._refuse_operator(item, field.type, f"{path}.operator")
            return _FAULTY
        values = self._values(item, field, path)
        if values is None or len(self._faults.codes) > before:
            return _FAULTY
        sql = condition(field, item.operator, values, self._parameters)
        return Condition(
            sql, is_narrow(field, item.operator), bounds(field, item.operator)
        )

    def _refuse_operator(self, item: Filter, its: FieldType, path: str) -> None:
        """Adds a fault that names the operators of the field; the edge knows all."""
        code, message = FaultCode.FAULT_CODE_INVALID_CHOICE, _takes(item.field, its)
        if not item.operator and path not in self._faults.faulty:
            code = FaultCode.FAULT_CODE_REQUIRED
            message = f"Give an operator: {message}"
        self._faults.explain(path, code, message)

    def _field(self, item: Filter, path: str) -> Field | None:
        if not item.field:
            code = FaultCode.FAULT_CODE_REQUIRED
            message = "Give the field to compare, or a group with conditions in it."
            self._faults.add(path, code, message)
            return None
        field = filtered_field(self._record, item.field, self._own)
        if field is None:
            code = FaultCode.FAULT_CODE_INVALID_CHOICE
            # All names once: a message for each fault must fit into one answer.
            most = 3 if self._has_listed else None
            self._faults.add(path, code, refusal(self._record, item.field, most))
            self._has_listed = True
        return field

    def _values(self, item: Filter, field: Field, path: str) -> list[Any] | None:
        if item.operator in NONE:
            return self._none(item, path)
        if item.operator in SEVERAL:
            return self._several(item, field, path)
        if len(item.values):
            message = f"{_public(item.operator)} takes one value."
            self._faults.add(f"{path}.values", FaultCode.FAULT_CODE_INVALID, message)
            return None
        if not item.HasField("value"):
            code = FaultCode.FAULT_CODE_REQUIRED
            self._faults.add(f"{path}.value", code, "Give the value to compare with.")
            return None
        value, in_full = item.value, item.exact_value
        return [self._value(value, in_full, item.operator, field, f"{path}.value")]

    def _none(self, item: Filter, path: str) -> list[Any] | None:
        has_value = item.value.WhichOneof("kind") not in (None, "null_value")
        if not has_value and not item.values:
            return []
        path = f"{path}.value" if has_value else f"{path}.values"
        message = f"{_public(item.operator)} takes no value."
        self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
        return None

    def _several(self, item: Filter, field: Field, path: str) -> list[Any] | None:
        path = f"{path}.values"
        if item.HasField("value"):
            path = path.removesuffix("s")
            message = f"{_public(item.operator)} takes values, an array."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return None
        count = len(item.values)
        is_range = item.operator == Operator.OPERATOR_BETWEEN
        if not count or (is_range and count != 2):
            code = (
                FaultCode.FAULT_CODE_INVALID if count else FaultCode.FAULT_CODE_REQUIRED
            )
            message = "Give exactly two values." if is_range else "Give the values."
            self._faults.add(path, code, message)
            return None
        self._values_seen += count
        if self._values_seen > MOST_VALUES:
            code = FaultCode.FAULT_CODE_TOO_MANY
            message = f"A search holds at most {MOST_VALUES} values."
            self._faults.add(path, code, message)
            return None
        in_full = item.exact_values or [""] * count
        if len(in_full) != count:
            message = "Give as many exact_values as values."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return None
        values = [
            self._value(value, in_full[index], item.operator, field, f"{path}[{index}]")
            for index, value in enumerate(item.values)
        ]
        if is_range and None not in values and values[0] > values[1]:
            message = "The first value must not be greater than the second."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
        return values

    def _value(
        self,
        value: Value,
        in_full: str,
        operator: Operator.ValueType,
        field: Field,
        path: str,
    ) -> Any:
        """The value as the column's kind takes it; None after a fault.

        `in_full` has the digits of a number that a double does not keep.
        """
        kind = value.WhichOneof("kind")
        wanted = TAKES[field.type][operator]
        if kind not in wanted:
            code = FaultCode.FAULT_CODE_INVALID_TYPE
            what = " or ".join(_TYPE_NAMES[name] for name in wanted)
            self._faults.add(path, code, f"Give {what}.")
            return None
        if kind == "number_value":
            is_double = field.type is FieldType.CUSTOM
            return self._number(value.number_value, "" if is_double else in_full, path)
        if kind == "bool_value":
            return value.bool_value
        return self._text(value.string_value, field, path)

    def _number(self, number: float, in_full: str, path: str) -> Decimal | None:
        decimal = Decimal(repr(number))
        if not decimal.is_finite():
            message = "The number is not finite."
        elif not in_full:
            return decimal
        else:
            given = exact(in_full)
            if given is not None and _is_near(given, number):
                return given
            message = "The exact value is no number, is another one, or is too long."
        self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
        return None

    def _text(self, text: str, field: Field, path: str) -> str | int | date | None:
        if "\0" in text:
            message = "The text holds a NUL character."
            self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
            return None
        if field.type in _TIMES:
            read, message = _TIMES[field.type]
            moment = read(text)
            if moment is None:
                code = FaultCode.FAULT_CODE_INVALID_FORMAT
                self._faults.add(path, code, no_such_day(text) or message)
            return moment
        if field.type is FieldType.ENUM:
            number = field.choices.get(text)
            if number is None:
                choices = ", ".join(field.choices)
                code = FaultCode.FAULT_CODE_INVALID_CHOICE
                self._faults.add(path, code, f"Give one of {choices}.")
            return number
        return text


def _is_near(given: Decimal, number: float) -> bool:
    """Whether an exact number has a bounded length, and its double is `number`."""
    return -int(given.as_tuple().exponent) <= MOST_DECIMALS and float(given) == number


def _public(operator: Operator.ValueType) -> str:
    return Operator.Name(operator)[_PREFIX:].lower()


def _takes(name: str, its: FieldType) -> str:
    operators = ", ".join(_public(operator) for operator in TAKES[its])
    return f"{name[:100]} takes {operators}."


_TIMES: dict[FieldType, tuple[Callable[[str], int | date | None], str]] = {
    FieldType.DATE: (day, "Give a day, e.g. 2026-06-17."),
    FieldType.TIMESTAMP: (
        timestamp,
        "Give a timestamp of RFC 3339, e.g. 2026-06-17T14:30:00Z.",
    ),
}
_TYPE_NAMES = {
    "string_value": "a string",
    "number_value": "a number",
    "bool_value": "true or false",
}
