"""How a value that a type refuses is read as the type nevertheless.

A conversion keeps what the value says: nothing is rounded, shortened or guessed. What
it returns must still be read by the rules of the field. Where a value says nothing that
a changed field knows, the request that changes it decides what happens to the value.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from google.protobuf.struct_pb2 import Value
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.faults import Faults
from services.kinds.custom_fields import Json, to_value, value_to_json
from services.kinds.formats import day, plain
from services.kinds.own_fields import Form, OwnField
from services.kinds.own_types import Reading, read

_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,20})?", re.ASCII)


def converted(field_type: int, value: Json) -> Json:
    """Returns a value in the form of a type, None if the type has no form for it."""
    return _CONVERSIONS[field_type](value)


def _text(value: Json) -> Json:
    """A number or a boolean as JSON writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return plain(Decimal(repr(value)))
    return value if isinstance(value, str) else None


def _number(value: Json) -> Json:
    """The number that a text writes, if a double holds all of its digits."""
    text = value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if Decimal(repr(number)) == Decimal(text) else None


def _boolean(value: Json) -> Json:
    text = value.strip().lower() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(text)


def _timestamp(value: Json) -> Json:
    """The beginning of a day, in UTC."""
    found = day(value.strip()) if isinstance(value, str) else None
    return f"{found.isoformat()}T00:00:00Z" if found else None


def _choice(value: Json) -> Json:
    """The only element of a list, or what a number or a boolean is as text."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else None
    return _text(value)


def _choices(value: Json) -> Json:
    text = _text(value)
    return [text] if text is not None else None


def _nothing(_: Json) -> Json:
    return None


_CONVERSIONS: Mapping[int, Callable[[Json], Json]] = {
    **dict.fromkeys(
        (
            pb.FIELD_TYPE_TEXT,
            pb.FIELD_TYPE_LONG_TEXT,
            pb.FIELD_TYPE_EMAIL,
            pb.FIELD_TYPE_PHONE,
            pb.FIELD_TYPE_COUNTRY,
            pb.FIELD_TYPE_URL,
        ),
        _text,
    ),
    pb.FIELD_TYPE_INTEGER: _number,
    pb.FIELD_TYPE_DECIMAL: _number,
    pb.FIELD_TYPE_BOOLEAN: _boolean,
    pb.FIELD_TYPE_DATE: _nothing,
    pb.FIELD_TYPE_TIMESTAMP: _timestamp,
    pb.FIELD_TYPE_SELECT: _choice,
    pb.FIELD_TYPE_MULTI_SELECT: _choices,
    pb.FIELD_TYPE_USER: _nothing,
    pb.FIELD_TYPE_RECORD: _nothing,
}


# What is tried for a value that does not fit; None if nothing is.
Convert = Callable[[Json], Json]


def form_in(
    own: OwnField, ways: Sequence[Convert], held: Container[str], value: Json
) -> tuple[Json, bool]:
    """The form of a value in a field, and whether it has one.

    `ways` are tried, one after the other, for a value that does not fit. `held` are the
    options that it may have though they are archived.
    """
    found, fits = _read(own, value, held)
    for way in ways:
        if not fits:
            stand_in = way(value)
            found, fits = _read(own, stand_in, held)
            fits = fits and (stand_in is not None or _is_blank(value))
    return found, fits


def _is_blank(value: Json) -> bool:
    return isinstance(value, str) and not value.strip()


def _read(own: OwnField, value: Json, held: Container[str]) -> tuple[Json, bool]:
    """A value in its normal form, and whether it has one."""
    faults = Faults()
    given = Value() if value is None else to_value(value)
    found = read(Reading(own.rules, given, "", faults, held))
    return found, not faults.codes


@dataclass(frozen=True, slots=True)
class Changed:
    """How the values of records become those of a changed field: `definition`."""

    request: pb.ChangeFieldRequest
    definition: pb.Field

    @property
    def clears(self) -> bool:
        """Whether values are cleared that have no form in the field."""
        return self.request.on_conflict == pb.ON_CONFLICT_CLEAR

    def form(self, own: OwnField) -> Form:
        """Returns the function `form_in` of the field, which `own` is."""
        return partial(form_in, own, self.ways(), self.held())

    def ways(self) -> tuple[Convert, ...]:
        """What is tried for a value that does not fit, one after the other."""
        if self.request.on_conflict == pb.ON_CONFLICT_MAP:
            return self._converted, self._mapped
        if self.clears:
            return self._converted, self._left
        return (self._converted,)

    def held(self) -> frozenset[str]:
        """The options that values may have, archived ones included."""
        options = self.request.options or self.definition.options
        return frozenset(each.value for each in options)

    def _converted(self, value: Json) -> Json:
        return converted(self.definition.type, value)

    def _mapped(self, value: Json) -> Json:
        given = self.request.map.fields
        if isinstance(value, list):
            texts = [str(each) for each in value]
            several = [value_to_json(given[t]) if t in given else t for t in texts]
            return [each for each in several if each is not None]
        text = converted(pb.FIELD_TYPE_TEXT, value)
        is_named = isinstance(text, str) and text in given
        return value_to_json(given[str(text)]) if is_named else None

    def _left(self, value: Json) -> Json:
        """Of a list, what remains without the options that there are no more."""
        if not isinstance(value, list):
            return None
        known = {each.value for each in self.definition.options}
        gone = known - self.held() if self.request.options else frozenset()
        return [each for each in value if each not in gone] or None
