"""A median that is found without sorting all numbers is the one that a sort finds."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from random import Random
from statistics import median

import pytest

from services.postgres.database import Database

# More numbers than are sorted at once, an odd and an even count.
MANY = 20_001
# Every so many numbers one tells about where the middle is.
STEP = 32

SHAPES: Mapping[str, Callable[[Random, int], int]] = {
    "drawn": lambda draws, _: draws.randrange(10**9),
    "few values": lambda draws, _: draws.randrange(3),
    "all equal": lambda _, n: 7,
    "rising": lambda _, n: n,
    "falling": lambda _, n: -n,
    "far apart": lambda draws, _: 10 ** draws.randrange(14) * draws.choice((-1, 1)),
    # The numbers that tell about the middle are none of those near it.
    "misleading": lambda draws, n: 10**6 if n % STEP == 0 else draws.randrange(10**5),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_middle_is_that_of_all_numbers(database_url: str, shape: str) -> None:
    draws = Random(f"{shape} 5")
    for count in (1, 2, 3, 100, MANY - 1, MANY, 2 * MANY):
        # A number's place counts from 1, as that of an element of an array.
        cents = [SHAPES[shape](draws, n + 1) for n in range(count)]
        numbers = [Decimal(each) / 100 for each in cents]
        assert found(database_url, numbers) == median(numbers), count


def test_no_number_has_no_middle(database_url: str) -> None:
    assert found(database_url, ()) is None


def found(database_url: str, numbers: Sequence[Decimal]) -> Decimal | None:
    async def ask() -> Decimal | None:
        database = await Database.open(database_url, max_connections=1)
        try:
            sql = "SELECT middle_of($1::numeric[])"
            ((value,),) = await database.rows(sql, list(numbers))
            return None if value is None else Decimal(value)
        finally:
            await database.close()

    return asyncio.run(ask())
