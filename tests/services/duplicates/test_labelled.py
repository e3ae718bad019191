"""Duplicates are found, and nearly nothing else: people and companies of the demo data,
with copies and look-alikes made by a fixed recipe (`python -m tests.scale.duplicates`
measures more of them)."""

import asyncio
from collections.abc import Callable

import pytest

from services.postgres.database import Database
from tests.services.duplicates.finding import all_found, as_rows
from tests.services.duplicates.labelled import (
    Labelled,
    labelled_companies,
    labelled_people,
)


@pytest.mark.parametrize(
    ("name", "make"), [("people", labelled_people), ("companies", labelled_companies)]
)
def test_duplicates_are_told_from_look_alikes(
    database_url: str, name: str, make: Callable[[int, int], Labelled]
) -> None:
    async def find() -> None:
        database = await Database.open(database_url, max_connections=1)
        try:
            found = await all_found(database, f"labelled-{name}", make(600, 25))
        finally:
            await database.close()
        table = as_rows([*found.table()])
        assert found.precision >= 0.98, table
        assert found.recall >= 0.9, table

    asyncio.run(find())
