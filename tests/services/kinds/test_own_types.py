"""Values of the types that tenants define: every kind of input, for every type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.faults import Faults
from services.kinds.custom_fields import to_value, value_to_json
from services.kinds.descriptors import enum_choices
from services.kinds.own_types import Reading, Rules, read
from services.kinds.typed_values import LENGTHS, UNTYPED, typed

TYPES = dict(enum_choices(pb.Field.DESCRIPTOR.fields_by_name["type"]))
del TYPES["formula"]  # which has no input; it is read by the type of its result
OPTIONS = {"gold": False, "iron": False, "tin": True}

# Texts that some type takes, texts that look like them, and any others.
_TEXTS = st.sampled_from(
    [
        *("gold", "tin", " gold ", "Gold", "DE", "de", "a@b.example", "030 12 34"),
        *("https://a.example/x", "2026-06-17", "2026-06-31", "0000-01-01", "\0", ""),
        *("2026-06-17T14:30:00+02:00", "2026-06-17T14:30:00.123456789Z", "9999-12-31"),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x" * 2001),
    ]
) | st.text(max_size=20)
_NUMBERS = st.one_of(
    st.integers(-(2**54), 2**54),
    st.floats(allow_nan=True, allow_infinity=True),
    st.decimals(-1000, 1000, places=3).map(float),
)
VALUES: Any = st.one_of(
    st.none(),
    st.booleans(),
    _TEXTS,
    _NUMBERS,
    st.lists(_TEXTS | st.integers(), max_size=3),
    st.just({"a": 1}),
)


def reading(kind: int, value: Any, faults: Faults) -> Reading:
    longest = LENGTHS.get(kind, 2_000)
    rules = Rules(type=kind, options=OPTIONS, max_length=longest)
    return Reading(rules, to_value(value), "it", faults)


@pytest.mark.parametrize("name", TYPES)
@given(value=VALUES)
def test_a_value_has_faults_or_a_normal_form(name: str, value: Any) -> None:
    kind, faults = TYPES[name], Faults()
    found = read(reading(kind, value, faults))
    assert all(fault.field.startswith("it") for fault in faults.found)
    if faults.found:
        assert found is None
        return
    if found is None:
        assert value in (None, [], "") or not str(value).strip()
        return
    again, same = Faults(), value_to_json(to_value(found))
    assert read(reading(kind, found, again)) == found == same
    assert not again.found
    if kind not in UNTYPED:
        kept = typed(kind, found, unique=True)
        columns = (kept.number, kept.moment, kept.text)
        assert sum(each is not None for each in columns) == 1
        assert kept.digest == typed(kind, found, unique=True).digest


@pytest.mark.parametrize("name", TYPES)
def test_what_is_unset_has_no_faults(name: str) -> None:
    faults = Faults()
    assert read(reading(TYPES[name], None, faults)) is None
    assert not faults.found


@given(st.decimals(-(10**6), 10**6, places=9))
def test_a_decimal_of_fifteen_digits_comes_back_digit_for_digit(number: Any) -> None:
    faults = Faults()
    found = read(reading(pb.FIELD_TYPE_DECIMAL, float(number), faults))
    if len(number.normalize().as_tuple().digits) <= 15:
        assert not faults.found
        assert type(number)(repr(found)) == number
