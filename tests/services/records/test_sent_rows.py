"""Rows that come as the bytes of `record_send` become what rows of columns become.

PostgreSQL makes both of the same random values, of every kind of record.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass
from hypothesis import example, given
from hypothesis import strategies as st
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal

from services.kinds.descriptors import record_type
from services.kinds.record_type import FieldType, RecordType
from services.postgres.connecting import connect
from services.records.rows import RowCodec, page_of
from tests.services.records.test_rows import BOTH, CODECS, IS_COMPILED, RECORDS, row_of

needs_compiler = pytest.mark.skipif(not IS_COMPILED, reason="there was no compiler")

Ask = Callable[..., Any]

TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | TEXT
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, places=6).map(float),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def ask(database_url: str) -> Iterator[Ask]:
    """Runs a statement on one connection and returns its row."""
    with asyncio.Runner() as runner:
        connection = runner.run(connect(database_url))
        yield lambda sql, *values: runner.run(connection.fetchrow(sql, *values))
        runner.run(connection.close())


def both(codec: RowCodec, kind: RecordType, ask: Ask, row: Any) -> tuple[Any, Any]:
    """The page with a record, made of its columns and made of what was sent."""
    types = ("text", *(each for _, each in kind.columns), "integer")
    columns = ", ".join(f"${place}::{each}" for place, each in enumerate(types, 1))
    make = GetMessageClass(page_of(kind))
    page: Any = make()
    codec.read_into(page, [ask(f"SELECT {columns}", *row)], "biz_1")
    sent = ask(f"SELECT record_send(ROW({columns})), 'further'", *row)
    return page, make.FromString(codec.sent.pack([sent], "biz_1"))


@needs_compiler
@pytest.mark.parametrize("kind", RECORDS, ids=lambda each: each.resource)
@given(dice=st.randoms(use_true_random=False))
def test_what_was_sent_becomes_the_same_record(
    ask: Ask, kind: RecordType, dice: random.Random
) -> None:
    page, packed = both(CODECS[kind.resource][0], kind, ask, row_of(kind, dice))
    assert page == packed


def replaced(kind: RecordType, type_: FieldType, value: Any) -> tuple[Any, ...]:
    """A row whose columns of a type hold a value."""
    row = row_of(kind, random.Random(1))
    columns = zip(kind.fields, row[1:-1], strict=True)
    held = (value if item.type is type_ else other for item, other in columns)
    return (row[0], *held, row[-1])


@needs_compiler
@given(struct=st.dictionaries(TEXT, VALUES, max_size=5))
def test_a_struct_is_read_as_its_text_says(ask: Ask, struct: dict[str, Any]) -> None:
    kind = record_type(Contact)
    row = replaced(kind, FieldType.CUSTOM, struct)
    page, packed = both(BOTH[0], kind, ask, row)
    assert page == packed
    sent, read = (each.data[0].SerializeToString() for each in (packed, page))
    assert sent == read  # byte for byte, so that the keys keep their order


@needs_compiler
@given(
    number=st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30
    )
)
@example(number=Decimal("1E-40"))
@example(number=Decimal("-0.00001234"))
@example(number=Decimal("120000000"))
@example(number=Decimal("-0.0"))
def test_a_number_has_no_exponent_and_no_zeros_at_its_end(
    ask: Ask, number: Decimal
) -> None:
    kind = record_type(Company)
    page, packed = both(
        CODECS["company"][0], kind, ask, replaced(kind, FieldType.DECIMAL, number)
    )
    assert page == packed


@needs_compiler
@given(day=st.dates())
@example(day=date.min)
@example(day=date.max)
def test_a_day_is_the_same_day(ask: Ask, day: date) -> None:
    kind = record_type(Deal)
    page, packed = both(
        CODECS["deal"][0], kind, ask, replaced(kind, FieldType.DATE, day)
    )
    assert page == packed


def sent_rows(ask: Ask, values: str) -> list[Any]:
    return [ask(f"SELECT record_send(ROW({values}))")]


@needs_compiler
def test_a_row_of_another_tenant_is_refused(ask: Ask) -> None:
    columns = ", ".join(["NULL"] * (BOTH[0].width - 2))
    for tenant in ("'biz_2'", "'biz_'", "'biz_12'", "NULL", "''"):
        rows = sent_rows(ask, f"{tenant}::text, {columns}, 1")
        with pytest.raises(AssertionError, match="another tenant"):
            BOTH[0].sent.pack(rows, "biz_1")


@needs_compiler
@pytest.mark.parametrize(
    "wrong",
    [
        "'NaN'::numeric",
        "'Infinity'::numeric",
        "1.5::float8",
        "'infinity'::date",
        "ARRAY[NULL]::text[]",
        "ARRAY[['a', 'b'], ['c', 'd']]::text[]",
        "'[1]'::jsonb",
        "'1'::jsonb",
        "'{}'::json",
        "interval '1 day'",
    ],
)
def test_a_column_of_another_type_is_an_error(ask: Ask, wrong: str) -> None:
    for kind in RECORDS:
        codec = CODECS[kind.resource][0]
        columns = ", ".join([wrong] * (codec.width - 2))
        rows = sent_rows(ask, f"'biz_1'::text, {columns}, 1")
        with pytest.raises((TypeError, ValueError)):
            codec.sent.pack(rows, "biz_1")


@needs_compiler
@given(dice=st.randoms(use_true_random=False), data=st.data())
def test_bytes_that_were_cut_or_changed_are_an_error_and_not_the_end(
    ask: Ask, dice: random.Random, data: st.DataObject
) -> None:
    kind = record_type(Contact)
    types = ("text", *(each for _, each in kind.columns), "integer")
    columns = ", ".join(f"${place}::{each}" for place, each in enumerate(types, 1))
    (sent,) = ask(f"SELECT record_send(ROW({columns}))", *row_of(kind, dice))
    place = data.draw(st.integers(0, len(sent) - 1))
    with pytest.raises((TypeError, ValueError, AssertionError)):
        BOTH[0].sent.pack([(sent[:place],)], "biz_1")  # type: ignore[list-item]
    changed = bytearray(sent)
    changed[place] = data.draw(st.integers(0, 255))
    with suppress(TypeError, ValueError, AssertionError):
        BOTH[0].sent.pack([(bytes(changed),)], "biz_1")  # type: ignore[list-item]


@needs_compiler
def test_what_nests_too_deeply_is_an_error_and_not_the_end(ask: Ask) -> None:
    kind = record_type(Contact)
    codec, levels = BOTH[0], 5_000  # PostgreSQL takes as many
    at = next(n for n, item in enumerate(kind.fields) if item.type is FieldType.CUSTOM)
    nested = '{"k": ' + "[" * levels + "]" * levels + "}"
    columns = ["NULL"] * len(kind.fields)
    columns[at] = f"'{nested}'::jsonb"
    rows = sent_rows(ask, f"'biz_1'::text, {', '.join(columns)}, 1")
    with pytest.raises(RecursionError):
        codec.sent.pack(rows, "biz_1")
