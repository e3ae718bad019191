"""Values of own fields, and conditions on them, whose types a type checker knows.

`prospectconnect-codegen` writes a class with one of these for each own field of the
tenant. An operator that a field does not have is then an error of the type checker, and
so is a value of another type.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from prospectconnect_client.bodies import moment
from prospectconnect_client.moments import date_of, decimal_of
from prospectconnect_contract import records
from prospectconnect_contract.custom_fields import CustomField, custom_field

Value_contra = TypeVar("Value_contra", contravariant=True)

Equal = records.ContactCustomValueCondition
OneOf = records.ContactCustomValueListCondition
Range = records.ContactCustomNumberCondition
Between = records.ContactCustomNumberListCondition
Text = records.ContactCustomTextCondition
Texts = records.ContactCustomTextListCondition


class OwnField:
    """A field that may be empty.

    Attributes:
        key: The key in `custom_fields`.
        name: The name in filters and in `order_by`.
    """

    def __init__(self, key: str) -> None:
        """Raises ValueError for what is no key."""
        self.key = key
        self.name: CustomField = custom_field(key)

    def is_empty(self) -> Any:
        """Records in which the field is not set."""
        return {"field": self.name, "operator": "is_empty"}

    def is_not_empty(self) -> Any:
        """Records in which the field is set."""
        return {"field": self.name, "operator": "is_not_empty"}


class ChoiceField(OwnField, Generic[Value_contra]):
    """A field with one value, that is equal or not: a choice, or an id."""

    def eq(self, value: Value_contra) -> Equal:
        """Records with this value."""
        return {"field": self.name, "operator": "eq", "value": _sent(value)}

    def neq(self, value: Value_contra) -> Equal:
        """Records with another value, or none."""
        return {"field": self.name, "operator": "neq", "value": _sent(value)}

    def is_in(self, values: Sequence[Value_contra]) -> OneOf:
        """Records with one of these values, 1 to 1,000."""
        return {"field": self.name, "operator": "in", "values": _all_sent(values)}

    def not_in(self, values: Sequence[Value_contra]) -> OneOf:
        """Records with none of these values, 1 to 1,000."""
        return {"field": self.name, "operator": "not_in", "values": _all_sent(values)}


class _RangeField(ChoiceField[Value_contra]):
    """A field whose values have an order."""

    def gt(self, value: Value_contra) -> Range:
        """Records with a greater value."""
        return self._range("gt", value)

    def gte(self, value: Value_contra) -> Range:
        """Records with this value or a greater one."""
        return self._range("gte", value)

    def lt(self, value: Value_contra) -> Range:
        """Records with a smaller value."""
        return self._range("lt", value)

    def lte(self, value: Value_contra) -> Range:
        """Records with this value or a smaller one."""
        return self._range("lte", value)

    def between(self, least: Value_contra, greatest: Value_contra) -> Between:
        """Records with a value from the first to the second, both included."""
        values = [_sent(least), _sent(greatest)]
        return {"field": self.name, "operator": "between", "values": values}

    def _range(
        self, operator: Literal["gt", "gte", "lt", "lte"], value: Value_contra
    ) -> Range:
        return {"field": self.name, "operator": operator, "value": _sent(value)}


class NumberField(_RangeField[Decimal | float]):
    """An `integer`, a `decimal`, or a formula that gives a number."""


class DateField(_RangeField[date | str]):
    """A `date`; as text it is `2026-06-17`."""


class TimestampField(_RangeField[datetime | str]):
    """A `timestamp`; a `datetime` needs a time zone."""


class BooleanField(OwnField):
    """A `boolean`."""

    def eq(self, value: bool) -> Equal:
        """Records with this value."""
        return {"field": self.name, "operator": "eq", "value": value}

    def neq(self, value: bool) -> Equal:
        """Records with the other value, or none."""
        return {"field": self.name, "operator": "neq", "value": value}


class _PartField(OwnField, Generic[Value_contra]):
    """A field that contains something."""

    def contains(self, value: Value_contra) -> Text:
        """Records whose text contains this, or whose list has it."""
        return {"field": self.name, "operator": "contains", "value": _text(value)}

    def not_contains(self, value: Value_contra) -> Text:
        """Records with the opposite, and those without a value."""
        return {"field": self.name, "operator": "not_contains", "value": _text(value)}


class TextField(ChoiceField[str], _PartField[str]):
    """Text of one line. Upper and lower case are equal."""

    def starts_with(self, value: str) -> Text:
        """Records whose text begins with this."""
        return {"field": self.name, "operator": "starts_with", "value": value}

    def ends_with(self, value: str) -> Text:
        """Records whose text ends with this."""
        return {"field": self.name, "operator": "ends_with", "value": value}


class ChoicesField(_PartField[Value_contra]):
    """A `multi_select`."""

    def any_of(self, values: Sequence[Value_contra]) -> Texts:
        """Records with at least one of these."""
        return {"field": self.name, "operator": "any_of", "values": _texts(values)}

    def all_of(self, values: Sequence[Value_contra]) -> Texts:
        """Records with all of these."""
        return {"field": self.name, "operator": "all_of", "values": _texts(values)}

    def none_of(self, values: Sequence[Value_contra]) -> Texts:
        """Records with none of these."""
        return {"field": self.name, "operator": "none_of", "values": _texts(values)}


def read(
    values: Mapping[str, Any],
    *,
    decimals: Sequence[str] = (),
    dates: Sequence[str] = (),
) -> dict[str, Any]:
    """The values of a record's own fields, with the types that their fields have.

    They are a copy: `custom_fields` of the record stays as it came.

    Args:
        values: The `custom_fields` of a record.
        decimals: The keys whose numbers become a `Decimal`.
        dates: The keys whose texts become a `date`.
    """
    found = dict(values)
    for keys, convert in ((decimals, decimal_of), (dates, date_of)):
        found |= {key: convert(found[key]) for key in keys if key in found}
    return found


def _sent(value: object) -> Any:
    """A value as JSON has it; numbers are written with all their digits later."""
    return moment(value, "value") if isinstance(value, date) else value


def _all_sent(values: Sequence[object]) -> list[Any]:
    if isinstance(values, str):
        raise TypeError(f"The values are a text, not a list: {values!r:.80}.")
    return [_sent(each) for each in values]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"The value is not a string: {value!r:.80}.")
    return value


def _texts(values: Sequence[object]) -> list[str]:
    return [_text(each) for each in _all_sent(values)]
