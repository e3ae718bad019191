"""Rows and records: both readers make the same of a row, and none of a foreign one."""

import random
import shutil
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1.contacts_pb2 import Contact, SearchContactsResponse

from services.every_kind import KINDS
from services.kinds.descriptors import record_type
from services.kinds.record_type import Field, FieldType, RecordType
from services.records.rows import RowCodec
from tests.harness.hostile import deep_values

NOT_PACKED = (
    FieldType.NESTED,
    FieldType.FILTERS,
    FieldType.MESSAGE,
    FieldType.FIGURES,
)
RECORDS = [
    kind
    for kind in map(record_type, KINDS)
    if all(item.type not in NOT_PACKED for item in kind.fields)
]
CODECS = {
    kind.resource: [RowCodec(kind, compiled=compiled) for compiled in (True, False)]
    for kind in RECORDS
}
BOTH = CODECS["contact"]

IS_COMPILED = find_spec("services.records._rows") is not None

TEXTS = ("Ada", "Zoë 日本 🙂", "x" * 127, "x" * 128, "x" * 20_000)
MOMENTS = (0, 1, -1, -999_999, 10**15, -63_000_000_000_000_000, 252_455_615_999_999_999)
NUMBERS = (Decimal(0), Decimal("-1.50"), Decimal("10000000000000.01"), Decimal("1E+3"))
JSON: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -5,
    2.5,
    1e300,
    "x",
    "",
    [],
    ["a", "b"],
    {},
    {"b": [1]},
)


def column(item: Field, dice: random.Random) -> Any:
    """What the database may bring for a field."""
    if item.nullable and dice.random() < 0.3:
        return None
    values: dict[FieldType, Any] = {
        FieldType.ENUM: dice.randrange(1, 4),
        FieldType.INTEGER: dice.choice((0, 1, 100, 2**31 - 1)),
        FieldType.BOOLEAN: dice.random() < 0.5,
        FieldType.DECIMAL: dice.choice(NUMBERS),
        FieldType.DATE: dice.choice((date.min, date.max, date(2024, 2, 29))),
        FieldType.TIMESTAMP: dice.choice(MOMENTS),
        FieldType.TAGS: dice.choices(TEXTS, k=dice.randrange(3)),
        FieldType.IDS: dice.choices(TEXTS, k=dice.randrange(3)),
        FieldType.CUSTOM: {
            f"k{n}": dice.choice(JSON) for n in range(dice.randrange(9))
        },
        FieldType.METADATA: {
            f"k{n}": dice.choice(JSON) for n in range(dice.randrange(9))
        },
        FieldType.EXTERNAL: {f"k{n}": dice.choice(TEXTS) for n in range(1, 4)},
    }
    return values.get(item.type, dice.choice(TEXTS))


def row_of(kind: RecordType, dice: random.Random) -> Any:
    columns = (column(item, dice) for item in kind.fields)
    return ("biz_1", *columns, dice.choice((1, 300)))


@pytest.mark.parametrize("kind", RECORDS, ids=lambda each: each.resource)
@given(dice=st.randoms(use_true_random=False))
def test_both_read_the_same_and_give_the_same_back(
    kind: RecordType, dice: random.Random
) -> None:
    row = row_of(kind, dice)
    compiled, twin = (codec.read(row, "biz_1") for codec in CODECS[kind.resource])
    assert compiled == twin
    assert compiled.etag == str(row[-1])
    for codec in CODECS[kind.resource]:
        assert codec.values(compiled) == list(row[1:-1])


@given(dice=st.randoms(use_true_random=False))
def test_both_read_a_page_alike(dice: random.Random) -> None:
    kind = record_type(Contact)
    rows = [row_of(kind, dice) for _ in range(dice.randrange(5))]
    pages = []
    for codec in BOTH:
        page = SearchContactsResponse()
        codec.read_into(page, rows, "biz_1")
        pages.append(page)
    assert pages[0] == pages[1]
    assert [each.id for each in pages[0].data] == [row[1] for row in rows]


@pytest.mark.parametrize("codec", BOTH, ids=["compiled", "twin"])
def test_a_row_of_another_tenant_is_refused(codec: RowCodec) -> None:
    row = row_of(record_type(Contact), random.Random(1))
    with pytest.raises(AssertionError, match="another tenant"):
        codec.read(row, "biz_2")
    with pytest.raises(AssertionError, match="another tenant"):
        codec.read_into(SearchContactsResponse(), [row], "biz_2")


@pytest.mark.skipif(not IS_COMPILED, reason="there was no compiler")
@pytest.mark.parametrize("wrong", [b"bytes", object(), 2**70], ids=["b", "o", "n"])
def test_a_column_of_another_type_is_an_error(wrong: Any) -> None:
    codec = BOTH[0]
    for index in range(1, codec.width - 1):
        row: list[Any] = list(row_of(record_type(Contact), random.Random(1)))
        row[index] = wrong
        with pytest.raises((TypeError, OverflowError)):
            codec.read(row, "biz_1")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("codec", BOTH, ids=["compiled", "twin"])
def test_what_nests_too_deeply_is_an_error_and_not_the_end(codec: RowCodec) -> None:
    """However it came into the database: no request can have brought it there."""
    kind = record_type(Contact)
    row = list(row_of(kind, random.Random(1)))
    levels = deep_values.LEVELS if codec is BOTH[0] else deep_values.PYTHON_LEVELS
    at = next(n for n, item in enumerate(kind.fields) if item.type is FieldType.CUSTOM)
    row[1 + at] = {"k": deep_values.lists(levels)}
    with pytest.raises(RecursionError):
        codec.read(row, "biz_1")  # type: ignore[arg-type]  # a row may be a list


def test_a_compiler_is_made_use_of() -> None:
    assert IS_COMPILED or shutil.which("cc") is None
