"""Formulas give what their expressions say, and none of them takes long."""

import math
import random
import subprocess
import sys
import time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.schema.v1 import fields_pb2 as pb

from services.kinds.expressions.programs import MOST_READ, check
from services.kinds.expressions.reading import MOST_CHARACTERS, WrongExpressionError
from services.kinds.formulas import nameable, value_of
from services.kinds.own_fields import OwnFields
from services.kinds.own_schemas import compile_schema
from services.kinds.record_type import record_type
from tests.rounds import rounds
from tests.services.kinds.expression_oracle import (
    FLAGS,
    NUMBERS,
    TEXTS,
    Expressions,
    Failed,
    Values,
    written,
)

KIND = record_type(Contact)
RESULTS = {
    "TEXT": pb.FIELD_RESULT_STRING,
    "NUMBER": pb.FIELD_RESULT_NUMBER,
    "BOOLEAN": pb.FIELD_RESULT_BOOLEAN,
}
TYPES = {
    "seats": pb.FIELD_TYPE_INTEGER,
    "price": pb.FIELD_TYPE_DECIMAL,
    "note": pb.FIELD_TYPE_TEXT,
    "flag": pb.FIELD_TYPE_BOOLEAN,
}
# What the processor may need for a value. The bound is 1 ms; a planted loop takes more.
MOST_SECONDS = 0.005


def fields(expression: str = "1", decimals: int = 9) -> OwnFields:
    """The fields of a tenant: four values, and a formula `it`."""
    own = [
        pb.Field(object="contacts", key=key, type=each) for key, each in TYPES.items()
    ]
    formula = pb.Field(object="contacts", key="it", type=pb.FIELD_TYPE_FORMULA)
    formula.expression, formula.decimals = expression, decimals
    plain = compile_schema(own, 1).of("contacts")
    given = check(expression, nameable(KIND, plain))
    formula.result = RESULTS[given.name]
    return compile_schema([*own, formula], 1).of("contacts")


def computed(own: OwnFields, values: Values) -> Any:
    """What the formula gives for a contact with some values."""
    contact = Contact()
    for name, value in values.items():
        holder, _, key = name.rpartition(".")
        if value is None:
            continue
        if holder:
            contact.custom_fields[key] = value
        else:
            setattr(contact, name, value)
    return value_of(own.by_key["it"], contact, own)


def draw_values(dice: random.Random) -> dict[str, Any]:
    """The values of a contact; about a third are not set."""
    values: dict[str, Any] = dict.fromkeys((*NUMBERS, *TEXTS, *FLAGS))
    for name in values:
        if name == "lead_score":
            values[name] = dice.randrange(100)
        elif dice.random() < 0.65:
            kinds = {
                NUMBERS: (0, 1, 3, -2, 0.1, 1e15, 12.5),
                TEXTS: ("Ada", "é", "😀 x", "a", " b"),
                FLAGS: (True, False),
            }
            some = next(each for names, each in kinds.items() if name in names)
            values[name] = dice.choice(some)
    return values


def expected(evaluate: Any, values: Values) -> Any:
    """What the oracle says, as it is stored."""
    read = {
        name: float(value) if name in NUMBERS and value is not None else value
        for name, value in values.items()
    }
    try:
        given = evaluate(read)
    except Failed:
        return None
    if isinstance(given, bool) or given is None:
        return given
    if isinstance(given, str):
        return given.strip() or None
    if not math.isfinite(given):
        return None
    if abs(given) >= 2**53:
        return given
    exact = Decimal(written(given)).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return float(exact)


def compiled(expression: str) -> OwnFields | None:
    """The fields with a formula; None for one that is too long, or too deep."""
    try:
        return fields(expression)
    except WrongExpressionError as error:
        is_long = len(expression) > MOST_CHARACTERS or expression.count(": null") > 4
        if is_long or "recursion" in str(error):
            return None
        raise


def test_what_is_drawn_gives_what_the_oracle_says() -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    drawn = Expressions(dice)
    compared = failed = 0
    while compared < rounds("EXPRESSIONS"):
        expression = drawn.draw()
        own = compiled(expression.text)
        if own is None:
            continue
        for _ in range(3):
            values = draw_values(dice)
            wanted = expected(expression.evaluate, values)
            found = computed(own, values)
            told = seed, expression.text, values
            assert (found, type(found)) == (wanted, type(wanted)), told
            failed += wanted is None
            compared += 1
    assert 0 < failed < compared


BIG = "x" * 2_000
FULL: Values = {
    "first_name": BIG,
    "city": "😀" * 2_000,
    "custom_fields.note": "x" * 1_000 + "y",
    "custom_fields.seats": 3,
    "lead_score": 7,
}
HOSTILE = (
    "+".join(["first_name"] * 25) + ' == "x"',
    "(first_name + city).contains(custom_fields.note)",
    "first_name.contains(custom_fields.note)",
    "city.contains(city)",
    "size(city) + size(first_name)",
    "||".join(["size(first_name) > 99999"] * 25),
    "||".join(["first_name.upperAscii() == city"] * 20),
    "||".join([f"first_name == '{n}'" for n in range(30)]),
    "-" * 900 + "1",
    "!" * 900 + "true",
    "||".join(["false"] * 140),
    "&&".join(["lead_score > 1"] * 60),
    "'" + "x" * 900 + "' == first_name",
    "first_name in [" + ", ".join(f"'{n}'" for n in range(120)) + "]",
    "string(1e308) + string(1e308) + string(1e308)",
    "timestamp(first_name) == created_at",
    "duration(first_name) > duration('1h')",
    "double(first_name)",
    "created_at.getHours() + created_at.getFullYear()",
)


@pytest.mark.parametrize("expression", HOSTILE)
def test_no_value_takes_long(expression: str) -> None:
    own = fields(expression)
    for part in (1, 2, 20):
        values = {
            name: value[: len(value) // part] if isinstance(value, str) else value
            for name, value in FULL.items()
        }
        computed(own, values)
        least = math.inf
        for _ in range(20):
            begun = time.thread_time()
            computed(own, values)
            least = min(least, time.thread_time() - begun)
        assert least < MOST_SECONDS


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 490 + "1" + ")" * 490,
        "[" * 490 + "1",
        "-" * 999 + "1",
        '"' * 999,
        "a." * 499,
        "true ? null : " * 70 + "1",
    ],
)
def test_no_expression_takes_long_to_refuse(expression: str) -> None:
    begun = time.thread_time()
    with pytest.raises(WrongExpressionError):
        check(f"{expression} == nope", {})
    assert time.thread_time() - begun < 0.1


def test_texts_that_are_too_long_together_give_nothing() -> None:
    own = fields("first_name + city")
    half = MOST_READ // 2
    assert computed(own, {"first_name": "x" * 900, "city": "y"}) == "x" * 900 + "y"
    assert computed(own, {"first_name": "x" * half, "city": "y" * (half + 1)}) is None
    size = fields("size(first_name + city)")
    assert computed(size, {"first_name": "x" * half, "city": "y" * half}) == MOST_READ


def test_who_has_no_formula_does_not_load_the_library() -> None:
    program = "import sys, services.server; print('cel_expr_python.cel' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"
