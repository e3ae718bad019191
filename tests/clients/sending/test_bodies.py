"""A body says exactly what was given; what JSON cannot say is not sent."""

import enum
import json
import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prospectconnect_client import Call, ProspectConnect
from prospectconnect_client.bodies import json_of
from tests.clients.unreliable import unreliable

# A value, where it lies, and what is said about it.
UNSAYABLE: list[tuple[dict[Any, Any], str]] = [
    ({"value": float("nan")}, "value: JSON has no nan"),
    ({"value": Decimal("NaN")}, "value: JSON has no NaN"),
    ({"value": Decimal("-Infinity")}, "value: JSON has no -Infinity"),
    (
        {"custom_fields": {"seats": float("inf")}},
        "custom_fields.seats: JSON has no inf",
    ),
    ({"filters": [{"values": [1, float("nan")]}]}, "filters[0].values[1]: JSON has no"),
    ({"name": "\ud83d"}, "name: The text holds half of a surrogate pair"),
    ({"custom_fields": {"\udc00": 1}}, "custom_fields.\\udc00: The text holds half"),
    ({"tags": {"VIP"}}, "tags: JSON has no set"),
    ({"name": b"Ada"}, "name: JSON has no bytes"),
    ({"metadata": {"at": time(14, 30)}}, "metadata.at: JSON has no time"),
    ({"metadata": {"call": object()}}, "metadata.call: JSON has no object"),
    ({"tags": (tag for tag in "ab")}, "tags: JSON has no generator"),
    ({"custom_fields": {7: "a"}}, "custom_fields: The key 7 is not a string"),
    ({"occurred_at": datetime(2026, 6, 17)}, "occurred_at: The datetime has no time"),
    (
        {"occurred_at": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))},
        "occurred_at: In UTC the year is out of range",
    ),
    ({"lead_score": 10**5000}, "lead_score: Exceeds the limit"),
]
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    ("body", "told"), UNSAYABLE, ids=[told for _, told in UNSAYABLE]
)
def test_what_json_cannot_say_is_refused_by_its_place(
    body: dict[Any, Any], told: str
) -> None:
    with (
        unreliable("nowhere.example") as network,
        ProspectConnect("pcp_no", network.address) as client,
        pytest.raises((ValueError, TypeError), match=f"^{re.escape(told)}"),
    ):
        client.send(Call("POST", "/v1/contacts", body, {}))
    assert network.seen == []


def test_a_list_within_itself_has_an_end() -> None:
    with pytest.raises(ValueError, match=r"^tags\[0\].*: More than 64 levels"):
        json_of({"tags": ENDLESS})


class Colour(enum.StrEnum):
    RED = "red"


class Size(enum.IntEnum):
    LARGE = 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1200.50"), "1200.50"),
        (Decimal("99999999999.99"), "99999999999.99"),
        (Decimal("1E+3"), "1E+3"),
        (Decimal("-0"), "-0"),
        (0.1, "0.1"),
        (1e16, "1e+16"),
        (2**70, "1180591620717411303424"),
        (True, "true"),
        (None, "null"),
        (Colour.RED, '"red"'),
        (Size.LARGE, "3"),
        (("a", "b"), '["a","b"]'),
        (date(2026, 6, 17), '"2026-06-17"'),
        (datetime(2026, 6, 17, 14, 30, tzinfo=UTC), '"2026-06-17T14:30:00Z"'),
        (
            datetime(
                2026, 6, 17, 14, 30, 0, 5, timezone(timedelta(minutes=53, seconds=28))
            ),
            '"2026-06-17T13:36:32.000005Z"',
        ),
        ('"\\\n\x00 ä 😀', '"\\"\\\\\\n\\u0000 ä 😀"'),
    ],
)
def test_a_value_is_written_exactly(value: object, text: str) -> None:
    assert json_of({"a": value}).decode() == f'{{"a":{text}}}'


SAYABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8"))
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), SAYABLE))
def test_what_json_can_say_comes_back_equal(body: dict[str, Any]) -> None:
    """Read with exact numbers; a float is the decimal that Python shows it as."""
    read = json.loads(json_of(body), parse_float=Decimal)
    assert read == exact(body)


def exact(value: Any) -> Any:
    """A value with decimals for its floats."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    return value
