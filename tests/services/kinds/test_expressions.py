"""Formulas give what their expressions say, and none of them takes long."""

import math
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from services.kinds.expressions.programs import Kind, check
from services.kinds.expressions.reading import MOST_CHARACTERS, WrongExpressionError
from services.kinds.own_fields import OwnFields
from tests.rounds import rounds
from tests.services.kinds.expression_oracle import (
    FLAGS,
    NUMBERS,
    TEXTS,
    Expressions,
    Failed,
    OpenResult,
    Values,
)
from tests.services.kinds.formula_fields import computed, fields


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
    exact = Decimal(repr(given)).quantize(Decimal("1e-9"), ROUND_HALF_UP)
    return float(exact) + 0.0


def compiled(expression: str) -> OwnFields | None:
    """The fields with a formula; None for one that is too long, or too deep."""
    try:
        return fields(expression)
    except WrongExpressionError as error:
        is_long = len(expression) > MOST_CHARACTERS or expression.count(": null") > 2
        if is_long or "too deeply" in str(error):
            return None
        raise


_TOO_EARLY = "The expression ends too early."
NAMEABLE = {
    "email": Kind.TEXT,
    "lead_score": Kind.NUMBER,
    "created_at": Kind.TIME,
    "tags": Kind.TEXTS,
    "custom_fields.flag": Kind.BOOLEAN,
}
REFUSED = {
    "1 +": _TOO_EARLY,
    "email ==": _TOO_EARLY,
    "(((": _TOO_EARLY,
    "[1, 2": _TOO_EARLY,
    "(1 + 2": f"{_TOO_EARLY} ) is missing.",
    "double(email": f"{_TOO_EARLY} ) is missing.",
    "tags[0": f"{_TOO_EARLY} ] is missing.",
    "true ? 1": f"{_TOO_EARLY} : is missing.",
    "1 + )": "Position 5: ) cannot stand here.",
    "1 + * 2": "Position 5: * cannot stand here.",
    "1, 2": "Position 2: , cannot stand here.",
    "email  email": "Position 8: email cannot stand here.",
    "email + 1": "Position 7: + cannot be used with a text and a number.",
    "  email\n + 1": "Position 10: + cannot be used with a text and a number.",
    '"😀" + 1': "Position 5: + cannot be used with a text and a number.",
    "-email": "Position 1: - cannot be used with a text.",
    "email[0]": "Position 6: [ cannot be used with a text and a number.",
    "created_at > 1": "Position 12: > cannot be used with a moment and a number.",
    "lead_score in tags": "Position 12: in cannot be used with a number and a list.",
    "!created_at": "Position 1: ! cannot be used with a moment.",
    "email && true": "Position 7: && cannot be used with a text and a boolean.",
    "1 % 2": "Position 3: % cannot be used with a number and a number.",
    "email.contains(1)": (
        "Position 7: contains cannot be used with a text and a number."
    ),
    "email.contains()": "Position 7: contains takes another number of values.",
    "timestamp(email, 2)": "Position 1: timestamp takes another number of values.",
    "lead_score ? 1 : 2": (
        "Position 12: ? takes a boolean, and two values of one type."
    ),
    'custom_fields.flag ? 1 : ""': (
        "Position 20: ? takes a boolean, and two values of one type."
    ),
    "1.": "Position 2: A dot stands after custom_fields or before a method.",
    "has(": "Position 1: has takes the name of a field.",
    '"a': "Position 1: A text has no end.",
    '"\\q"': "Position 1: A text has a backslash before what needs none.",
    'email = "a"': "Position 7: Values are compared by ==.",
    "email # 1": "Position 7: # is no part of an expression.",
    "nope": "There is no field 'nope' that a formula can use.",
    "tags": "The expression gives no text, number or boolean.",
    "1" + " + 1" * 100: "The expression is nested too deeply.",
    "(" * 100 + "1" + ")" * 100: "The expression is nested too deeply.",
}


@pytest.mark.parametrize(("expression", "message"), REFUSED.items())
def test_a_refusal_says_what_is_wrong_and_where(expression: str, message: str) -> None:
    with pytest.raises(WrongExpressionError) as refusal:
        check(expression, NAMEABLE)
    assert str(refusal.value) == message


def test_a_refusal_names_no_token_of_a_grammar() -> None:
    dice, pieces = random.Random(1), [*REFUSED, *"()[]?:.,+-!&|<>", "||", "x", "1e9"]
    for _ in range(300):
        drawn = "".join(dice.choices(pieces, k=dice.randrange(1, 4)))
        try:
            check(drawn, NAMEABLE)
        except WrongExpressionError as error:
            told = str(error).replace(drawn, "")
            for inner in ("EOF", "overload", "input", "IDENT", "own_", "_?", "wrapper"):
                assert inner not in told, (drawn, told)


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
            try:
                wanted = expected(expression.evaluate, values)
            except OpenResult:
                continue
            found = computed(own, values)
            told = seed, expression.text, values
            assert (found, type(found)) == (wanted, type(wanted)), told
            failed += wanted is None
            compared += 1
    assert 0 < failed < compared
