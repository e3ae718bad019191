"""Every write of a record passes one place: nothing else in the services writes one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.every_kind import compile_kinds
from services.records.log.changes import is_logged

SERVICES = Path(__file__).parents[3] / "services"
KINDS = compile_kinds()
# What came of work in the background, which writes it; jobs log their changes there.
STATES = {"imports", "exports", "jobs"}
TABLES = "|".join({each.kind.table for each in KINDS.values()} - STATES)
WRITES = re.compile(
    rf"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|COPY)\s+({TABLES})\b",
    re.IGNORECASE,
)
PLACE = SERVICES / "records"
MIGRATIONS = SERVICES / "postgres" / "migrations"


def writes_in(source: str) -> list[str]:
    """The pieces of SQL in a module's strings that write a table of records."""
    texts = (
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return [found[0] for text in texts for found in WRITES.finditer(text)]


def modules() -> Iterator[Path]:
    """The modules that may write no record."""
    for path in SERVICES.rglob("*.py"):
        inside = any(map(path.is_relative_to, (PLACE, MIGRATIONS)))
        if not inside:
            yield path


def test_all_whose_changes_are_told_are_looked_for() -> None:
    logged = {each.kind.table for each in KINDS.values() if is_logged(each.kind)}
    assert not STATES & logged


def test_no_other_module_writes_records() -> None:
    found = {str(path): writes_in(path.read_text()) for path in modules()}
    assert len(found) > 50
    assert {path: sql for path, sql in found.items() if sql} == {}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE contacts SET name = $2",
        "WITH x AS (DELETE FROM  notes RETURNING id) SELECT id FROM x",
        "insert into users (id) values ($1)",
    ],
)
def test_such_a_module_would_be_seen(sql: str) -> None:
    assert writes_in(f"SQL = {sql!r}")
    assert writes_in(f'SQL = f"{sql} {{more}}"')
