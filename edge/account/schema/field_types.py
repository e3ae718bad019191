"""The types of a field as people read them, and what a form asks for each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from prospectconnect.schema.v1 import fields_pb2 as pb

_PREFIX = "FIELD_TYPE_"


@dataclass(frozen=True, slots=True)
class TypeOfField:
    """A type; `inputs` are the members of a definition that its form has inputs for.

    Every form has inputs for labels, `group`, `position` and `sensitive` as well.
    """

    name: str
    title: str
    hint: str
    group: str
    inputs: frozenset[str]

    def has(self, name: str) -> bool:
        """Whether the form has an input."""
        return name in self.inputs

    @property
    def is_choice(self) -> bool:
        """Whether the values are options."""
        return "options" in self.inputs

    @property
    def may_be_stricter(self) -> bool:
        """Whether a change of the form can make values of records unfit."""
        return not self.inputs.isdisjoint(("unique", "min", "max_length", "searchable"))


def _type(name: str, title: str, group: str, hint: str, inputs: str) -> TypeOfField:
    return TypeOfField(name, title, hint, group, frozenset(inputs.split()))


_USUAL = "required unique default_value"
_TEXT, _NUMBER, _CHOICE = "Text", "Numbers", "Choices"
_DATE, _LINK = "Dates", "Links and formulas"
TYPES: Mapping[str, TypeOfField] = MappingProxyType(
    {
        each.name: each
        for each in (
            _type(
                *("text", "Text", _TEXT, "One line, up to 2,000 characters"),
                f"{_USUAL} max_length searchable",
            ),
            _type(
                *("long_text", "Long text", _TEXT, "Several lines; no filter finds it"),
                "required default_value max_length searchable",
            ),
            _type(
                *("email", "E-mail", _TEXT, "One e-mail address"),
                f"{_USUAL} max_length searchable",
            ),
            _type(
                *("phone", "Phone", _TEXT, "One telephone number"),
                f"{_USUAL} searchable",
            ),
            _type(
                *("url", "URL", _TEXT, "An address that begins with http or https"),
                f"{_USUAL} max_length searchable",
            ),
            _type(
                *("country", "Country", _TEXT, "Two letters, such as DE"),
                _USUAL,
            ),
            _type(
                *("integer", "Whole number", _NUMBER, "A count, a year, a rank"),
                f"{_USUAL} min max",
            ),
            _type(
                *("decimal", "Decimal", _NUMBER, "A price or a rate, kept exactly"),
                f"{_USUAL} min max decimals",
            ),
            _type(
                *("boolean", "Yes or no", _CHOICE, "True or false"),
                "required default_value",
            ),
            _type(
                *("select", "Select", _CHOICE, "One of the options that you list"),
                f"{_USUAL} options",
            ),
            _type(
                *("multi_select", "Multi-select", _CHOICE, "Up to 50 of the options"),
                "required default_value options",
            ),
            _type(*("date", "Date", _DATE, "A day, without a time"), _USUAL),
            _type(
                *("timestamp", "Date and time", _DATE, "A moment, kept in UTC"), _USUAL
            ),
            _type(
                *("user", "User", _LINK, "A person of your workspace"),
                "required unique",
            ),
            _type(
                *("record", "Record", _LINK, "A contact, a company, one of your own"),
                "required unique target",
            ),
            _type(
                *("formula", "Formula", _LINK, "Computed from other fields"),
                "expression decimals",
            ),
        )
    }
)
_NUMBERS = {name: pb.FieldType.Value(f"{_PREFIX}{name.upper()}") for name in TYPES}
_OF_NUMBER = {number: TYPES[name] for name, number in _NUMBERS.items()}


def grouped() -> Mapping[str, list[TypeOfField]]:
    """The types under their headings."""
    groups: dict[str, list[TypeOfField]] = {}
    for each in TYPES.values():
        groups.setdefault(each.group, []).append(each)
    return groups


def type_of(number: pb.FieldType.ValueType) -> TypeOfField:
    """The type with a number of the proto."""
    return _OF_NUMBER[number]


def number_of(name: str) -> pb.FieldType.ValueType:
    """The number of a type in the proto."""
    return _NUMBERS.get(name, pb.FIELD_TYPE_UNSPECIFIED)
