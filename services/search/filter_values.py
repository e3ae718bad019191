"""The values that a condition compares with, read as the field's type takes them.

Every fault of a value is found, with its path.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from google.protobuf.struct_pb2 import Value
from prospectconnect.type.v1.errors_pb2 import FaultCode
from prospectconnect.type.v1.search_pb2 import Filter, Operator

from services.faults import Faults
from services.kinds.formats import day, exact, no_such_day, timestamp
from services.kinds.record_type import Field, FieldType
from services.search.comparisons import NONE, SEVERAL, TAKES

MOST_VALUES = 1_000
# PostgreSQL refuses numbers of very many decimals.
MOST_DECIMALS = 1_000

_PREFIX = len("OPERATOR_")
_IDS = (FieldType.ID, FieldType.LINKS)
_NOBODY: Mapping[str, str] = {}


class FilterValues:
    """Reads the values of all conditions of one search."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._seen = 0
        # Records that stand for merged ones, by the ids of these.
        self.survivors: Mapping[str, str] = _NOBODY
        # Further ids that stand for the same records.
        self.alike: Mapping[str, Sequence[str]] = {}

    def read(self, item: Filter, field: Field, path: str) -> list[Any] | None:
        """The values of a condition on a field; None after a fault."""
        values = self._read(item, field, path)
        if self.alike and values and field.type in _IDS:
            values += [other for each in values for other in self.alike.get(each, ())]
        return values

    def _read(self, item: Filter, field: Field, path: str) -> list[Any] | None:
        if item.operator in NONE:
            return self._none(item, path)
        if item.operator in SEVERAL:
            return self._several(item, field, path)
        if len(item.values):
            message = f"{public(item.operator)} takes one value."
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
        message = f"{public(item.operator)} takes no value."
        self._faults.add(path, FaultCode.FAULT_CODE_INVALID, message)
        return None

    def _several(self, item: Filter, field: Field, path: str) -> list[Any] | None:
        path = f"{path}.values"
        if item.HasField("value"):
            path = path.removesuffix("s")
            message = f"{public(item.operator)} takes values, an array."
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
        self._seen += count
        if self._seen > MOST_VALUES:
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
        return self.survivors.get(text, text) if field.type in _IDS else text


def _is_near(given: Decimal, number: float) -> bool:
    """Whether an exact number has a bounded length, and its double is `number`."""
    return -int(given.as_tuple().exponent) <= MOST_DECIMALS and float(given) == number


def public(operator: Operator.ValueType) -> str:
    """The name of an operator as public JSON writes it."""
    return Operator.Name(operator)[_PREFIX:].lower()


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
