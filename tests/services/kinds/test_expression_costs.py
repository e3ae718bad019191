"""No expression takes long, holds memory, or is compiled often."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from services.kinds.expressions import programs
from services.kinds.expressions.functions import FUNCTIONS, METHODS
from services.kinds.expressions.programs import MOST_READ, check, program
from services.kinds.expressions.reading import WrongExpressionError
from tests.services.kinds.expression_oracle import Values
from tests.services.kinds.formula_fields import computed, fields

# So often what `counted` needs: 2 ms where a value may take 1 ms.
MOST_TIMES = 3

BIG_TEXT = MOST_READ // 2
BIG = "x" * BIG_TEXT
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
    f"city.contains('{'😀' * 900}x')",
    "city.contains(city + 'x')",
    "||".join(["first_name.endsWith(city)"] * 25),
    "bool(string(first_name))",
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
    "timestamp(string(created_at)) > created_at",
)


def least_time(work: Callable[[], object]) -> float:
    """What the processor needs for some work, of twenty times the least."""
    least = math.inf
    for _ in range(20):
        begun = time.thread_time()
        work()
        least = min(least, time.thread_time() - begun)
    return least


def counted() -> int:
    """Some work by which the speed of the machine is told: 1 ms or more."""
    return sum(range(100_000))


@pytest.mark.parametrize("expression", HOSTILE)
def test_no_value_takes_long(expression: str) -> None:
    own = fields(expression)
    for part in (1, 2, 20):
        values = {
            name: value[: len(value) // part] if isinstance(value, str) else value
            for name, value in FULL.items()
        }
        needed = least_time(partial(computed, own, values))
        assert needed < MOST_TIMES * least_time(counted)


@pytest.mark.parametrize("rare", ["é", "漢", "😀"])
def test_the_worst_search_in_a_text_does_not_take_long(rare: str) -> None:
    """Nearly every place of the text begins like what is sought."""
    ready = program("a.contains(b)")
    for part in (MOST_READ // 2, MOST_READ * 2 // 3, MOST_READ - 1):
        sought = rare * (MOST_READ - part - 1) + "x"
        values = {"a": rare * part, "b": sought}
        assert ready.value(values) is False
        needed = least_time(partial(ready.value, values))
        assert needed < MOST_TIMES * least_time(counted)


def test_evaluations_hold_no_memory() -> None:
    """Every function, with texts of 2,000 characters that are new each time."""
    expressions = [
        *(f"a.{name}(b)" for name in METHODS),
        *(f"string({name}({text}))" for name in FUNCTIONS for text in "ab"),
        "a + b",
        "string(n) + b",
        "double(string(n)) + n",
        "timestamp(string(t)) >= t && bool(string(t > t))",
        "string(t - timestamp('2020-01-01T00:00:00Z')) + string(n > 1.0)",
        "a in l",
        "b in [a]",
    ]
    ready = [program(expression) for expression in expressions]
    moment = Timestamp(seconds=1_700_000_000)

    def evaluate(times: int) -> None:
        for number in range(times):
            values = {
                "a": f"{number:010}" + "x" * (BIG_TEXT - 10),
                "b": f"{number:010}" + "é😀" * ((BIG_TEXT - 10) // 2),
                "n": number / 7,
                "t": moment,
                "l": ["x" * (BIG_TEXT // 4)] * 2,
            }
            for each in ready:
                each.value(values)

    evaluate(1_000)
    before = resident()
    evaluate(20_000)
    assert resident() - before < 8_000_000


def resident() -> int:
    """The bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def test_an_expression_is_compiled_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever nulls stand for: each of two for another kind, more for one."""
    compiled: list[str] = []
    typed = programs._typed

    def count(text: str, variables: Mapping[str, Any]) -> str:
        compiled.append(text)
        return typed(text, variables)

    monkeypatch.setattr(programs, "_typed", count)
    for nulls, most in ((1, 3), (2, 9), (3, 3), (60, 3)):
        compiled.clear()
        with pytest.raises(WrongExpressionError):
            check("||".join(["(true ? null : 'a') + 1 == 1"] * nulls)[:900], {})
        assert len(compiled) <= most


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
    ends = fields("(first_name + city).endsWith('y')")
    assert computed(ends, {"first_name": "x" * half, "city": "y" * half}) is True


def test_who_has_no_formula_does_not_load_the_library() -> None:
    program = "import sys, services.server; print('cel_expr_python.cel' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"
