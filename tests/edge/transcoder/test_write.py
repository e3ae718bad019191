"""Answers as JSON text: the compiled encoder and its Python twin write the same."""

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import orjson
import pytest
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from prospectconnect.crm.v1 import contacts_pb2
from prospectconnect.type.v1 import search_pb2

from edge.surface import public_services
from edge.transcoder import write
from edge.transcoder.encode import ANSWERED_FIELDS, compile_encoder
from edge.transcoder.routes import routes_of
from edge.transcoder.write import compile_writer
from tests.harness.hostile import deep_values

ANSWERS = sorted(
    # The answers of batches hold packed ones, each written by its own operation.
    {r.response_class for r in routes_of(public_services()) if not r.is_batch},
    key=lambda each: str(each.DESCRIPTOR.full_name),
)
IS_COMPILED = find_spec("edge.transcoder._encode") is not None
compiled_only = pytest.mark.skipif(not IS_COMPILED, reason="there was no compiler")

BOTH = {
    each: tuple(
        compile_writer(each, compile_encoder(each.DESCRIPTOR), compiled=compiled)
        for compiled in (True, False)
    )
    for each in ANSWERS
}

TEXTS = (
    "",
    "Ada",
    'quotes " and \\',
    "\b\f\n\r\t\x01\x1f\x7f",
    "Zoë 日本 🙂 \u2028",
    "x" * 300,
)
DECIMALS = (
    "0",
    "-0",
    "5",
    "-5.25",
    "10000000000000.01",
    "0.5",
    ".5",
    "1.",
    "+1",
    "1e3",
)
SECONDS = (
    0,
    -1,
    59,
    86_399,
    951_782_400,
    1_709_164_800,
    -62_135_596_800,
    253_402_300_799,
)
DOUBLES = (0.0, -0.0, 5.0, -(2.0**53), 2.0**53, 2.0**53 + 2, 0.1, 1e16, 1e-7, 1e300)


def fill(message: Any, dice: random.Random) -> None:
    """Sets about half of a message's fields, at random."""
    for field in message.DESCRIPTOR.fields:
        if dice.random() < 0.5:
            continue
        make = _WRITTEN.get(getattr(field.message_type, "full_name", ""))
        if field.message_type and field.message_type.GetOptions().map_entry:
            getattr(message, field.name)[dice.choice(TEXTS)] = dice.choice(TEXTS)
        elif make is not None:
            make(getattr(message, field.name), dice)
        elif field.message_type is None:
            _set_scalar(message, field, dice)
        elif field.is_repeated:
            for _ in range(dice.randrange(4)):
                fill(getattr(message, field.name).add(), dice)
        else:
            fill(getattr(message, field.name), dice)


def _set_scalar(message: Any, field: Any, dice: random.Random) -> None:
    if field.enum_type is not None:
        numbers = [*field.enum_type.values_by_number, 99]
        if field.is_repeated:
            getattr(message, field.name).extend(dice.choices(numbers, k=2))
        else:
            setattr(message, field.name, dice.choice(numbers))
    elif field.is_repeated and field.type != field.TYPE_STRING:
        getattr(message, field.name).extend(dice.choices((0, 7), k=dice.randrange(4)))
    elif field.is_repeated:
        fields = message.DESCRIPTOR.fields_by_name
        texts = list(fields) if field.name == ANSWERED_FIELDS else TEXTS
        getattr(message, field.name).extend(dice.choices(texts, k=dice.randrange(4)))
    elif field.type == field.TYPE_STRING:
        setattr(message, field.name, dice.choice(TEXTS))
    elif field.type == field.TYPE_BYTES:
        setattr(message, field.name, dice.choice(TEXTS).encode())
    elif field.type == field.TYPE_BOOL:
        setattr(message, field.name, dice.random() < 0.5)
    else:
        negative = () if field.type == field.TYPE_UINT64 else (-1, -(2**31))
        setattr(message, field.name, dice.choice((0, 7, 2**31 - 1, *negative)))


def _set_time(stamp: Any, dice: random.Random) -> None:
    stamp.seconds = dice.choice(SECONDS) or dice.randrange(-(2**33), 2**37)
    stamp.nanos = dice.choice((0, 1, 999, 1_000, 120_000_000, 999_999_999))


def _set_date(day: Any, dice: random.Random) -> None:
    day.year, day.month, day.day = dice.choice(
        ((1, 1, 1), (2024, 2, 29), (9999, 12, 31))
    )


def _set_decimal(number: Any, dice: random.Random) -> None:
    number.value = dice.choice(DECIMALS)


def _set_struct(struct: Struct, dice: random.Random) -> None:
    struct.update(
        {dice.choice(TEXTS): _json(dice, 4) for _ in range(dice.randrange(5))}
    )


def _json(dice: random.Random, depth: int) -> Any:
    scalars = [None, True, False, dice.choice(TEXTS), dice.choice(DOUBLES)]
    if depth == 0 or dice.random() < 0.6:
        return dice.choice(scalars)
    if dice.random() < 0.5:
        return [_json(dice, depth - 1) for _ in range(dice.randrange(3))]
    return {
        dice.choice(TEXTS): _json(dice, depth - 1) for _ in range(dice.randrange(3))
    }


_WRITTEN: dict[str, Callable[[Any, random.Random], None]] = {
    "google.protobuf.Timestamp": _set_time,
    "google.protobuf.Struct": _set_struct,
    "google.type.Date": _set_date,
    "google.type.Decimal": _set_decimal,
}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda each: each.DESCRIPTOR.name)
@given(dice=st.randoms(use_true_random=False))
def test_both_write_the_same(answer: Any, dice: random.Random) -> None:
    message = answer()
    fill(message, dice)
    compiled, twin = (writer(message) for writer in BOTH[answer])
    assert compiled == twin
    orjson.loads(compiled)


@given(st.text())
def test_any_text_is_written_as_orjson_does(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    contact = contacts_pb2.Contact(first_name=text, tags=[text])
    contact.custom_fields["x"] = text
    compiled, twin = (writer(contact) for writer in BOTH[contacts_pb2.Contact])
    assert compiled == twin


@given(st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999))
def test_any_moment_is_written_alike(seconds: int, nanos: int) -> None:
    contact = contacts_pb2.Contact()
    contact.created_at.seconds, contact.created_at.nanos = seconds, nanos
    compiled, twin = (writer(contact) for writer in BOTH[contacts_pb2.Contact])
    assert compiled == twin


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_written_alike(number: float) -> None:
    contact = contacts_pb2.Contact()
    contact.custom_fields["x"] = number
    compiled, twin = (writer(contact) for writer in BOTH[contacts_pb2.Contact])
    assert compiled == twin


def test_a_compiler_is_made_use_of() -> None:
    assert IS_COMPILED or shutil.which("cc") is None


@compiled_only
@pytest.mark.parametrize("size", [1, 2, 6, 30])
def test_what_is_no_message_is_refused(size: int) -> None:
    encoder: Any = write._encoder(contacts_pb2.Contact, ())
    whole = contacts_pb2.Contact(id="con_1", first_name="A" * 40).SerializeToString()
    with pytest.raises(ValueError, match="not a message"):
        encoder(whole[:size])
    with pytest.raises(TypeError):
        encoder("text")


@compiled_only
def test_what_nests_too_deeply_is_an_error_and_not_the_end() -> None:
    encoder: Any = write._encoder(contacts_pb2.Contact, ())
    struct = deep_values.struct_bytes()
    number = contacts_pb2.Contact.CUSTOM_FIELDS_FIELD_NUMBER
    with pytest.raises(RecursionError):
        encoder(deep_values.field(number, struct))


def test_so_it_is_to_the_twin() -> None:
    contact = contacts_pb2.Contact()
    deep_values.nest(contact.custom_fields)
    with pytest.raises(RecursionError):
        BOTH[contacts_pb2.Contact][1](contact)


@compiled_only
@given(st.binary(max_size=200))
def test_hostile_bytes_end_in_an_answer_or_an_error(data: bytes) -> None:
    encoder: Any = write._encoder(contacts_pb2.SearchContactsResponse, ())
    with suppress(ValueError):
        encoder(data)


def test_a_message_that_holds_itself_is_left_to_the_twin() -> None:
    filter_ = search_pb2.Filter(any=[search_pb2.Filter(field="email")])
    class_: Any = GetMessageClass(filter_.DESCRIPTOR)
    encode = compile_encoder(filter_.DESCRIPTOR)
    written = compile_writer(class_, encode)(filter_)
    assert written == orjson.dumps(encode(filter_))
