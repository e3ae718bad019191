"""Finds statements in a migration's SQL that must not run on a table in use.

A statement passes if its form is known to lock a table only briefly, and to keep
everything that programs of the previous version use. Unknown forms are refused.
"""

import importlib.util
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations

_NAME = r'"?(\w+)"?'
_CREATE_TABLE = re.compile(rf"CREATE TABLE (?:IF NOT EXISTS )?{_NAME}", re.I)
_INDEX = re.compile(
    rf"CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?{_NAME} ON {_NAME}",
    re.I,
)
_DROP_INDEX = re.compile(rf"DROP INDEX CONCURRENTLY IF EXISTS {_NAME}", re.I)
_ALTER = re.compile(rf"ALTER TABLE (?:ONLY )?{_NAME} (.*)", re.I)
_INTO = re.compile(rf"INSERT INTO {_NAME}", re.I)
_READ = re.compile(rf"\b(?:FROM|JOIN) {_NAME}", re.I)
_MOVED = re.compile(rf"(?:UPDATE|DELETE FROM) {_NAME}", re.I)
_TRIGGER = re.compile(rf"CREATE TRIGGER \w+ BEFORE INSERT ON {_NAME} ", re.I)
_COMMA = re.compile(r",\s*(?=(?:ADD|ALTER|DROP|SET|VALIDATE|RENAME)\b)", re.I)

# Actions of ALTER TABLE that neither read nor write the table's rows.
_LITERAL = r"(?:-?[\d.]+|'[^']*'(?:::[\w\[\]]+)?|true|false|NULL|now\(\))"
_TYPE = r'[\w\[\]]+(?:\([\d, ]+\))?(?: COLLATE "C")?'
_SHORT_ACTIONS = re.compile(
    rf"ADD COLUMN (?:IF NOT EXISTS )?\w+ {_TYPE}"
    rf"(?: NOT NULL DEFAULT {_LITERAL}| DEFAULT {_LITERAL}(?: NOT NULL)?)?"
    r"|ADD (?:CONSTRAINT \w+ )?(?:FOREIGN KEY|CHECK) .* NOT VALID"
    r"|VALIDATE CONSTRAINT \w+"
    rf"|ALTER (?:COLUMN )?\w+ (?:SET STATISTICS \d+|SET DEFAULT {_LITERAL}"
    r"|DROP DEFAULT|DROP NOT NULL)"
    r"|SET \([\w.= ,]+\)",
    re.I,
)
# Statements that affect no table in use, or only its statistics.
_SHORT_STATEMENTS = re.compile(
    r"(?:CREATE TABLE|CREATE (?:OR REPLACE )?FUNCTION|CREATE EXTENSION|CREATE TYPE"
    r"|CREATE STATISTICS|ANALYZE|COMMENT ON|DROP INDEX CONCURRENTLY IF EXISTS)\b",
    re.I,
)


@dataclass(slots=True)
class _Reader:
    """The effects of the migration so far."""

    fresh: set[str] = field(default_factory=set)  # new tables, which are not in use yet
    dropped: set[str] = field(default_factory=set)  # indexes
    in_transaction: bool = True

    def fault(self, sql: str) -> str | None:
        """The reason to refuse a statement; None if it passes."""
        if sql in ("COMMIT", "BEGIN"):
            self.in_transaction = sql == "BEGIN"
            return None
        if found := _CREATE_TABLE.match(sql):
            self.fresh.add(found[1])
        if found := _DROP_INDEX.match(sql):
            self.dropped.add(found[1])
        if found := _INDEX.match(sql):
            return self._index(bool(found[1]), found[2], found[3])
        if found := _ALTER.match(sql):
            return None if found[1] in self.fresh else self._alteration(found[2])
        if found := _INTO.match(sql):
            return self._filling(sql)
        for form in (_MOVED, _TRIGGER):
            if (found := form.match(sql)) and found[1] in self.fresh:
                return None
        return (
            None if _SHORT_STATEMENTS.match(sql) else "nobody knows how long it takes"
        )

    def _index(self, concurrently: bool, name: str, table: str) -> str | None:
        if table in self.fresh:
            return None
        if not concurrently:
            return "no row can be written while the index is built: CONCURRENTLY"
        if self.in_transaction:
            return "CONCURRENTLY works in an autocommit_block alone"
        if name not in self.dropped:
            return (
                "one that was cut short stays: DROP INDEX CONCURRENTLY IF EXISTS first"
            )
        return None

    def _alteration(self, actions: str) -> str | None:
        for action in _COMMA.split(actions):
            if not _SHORT_ACTIONS.fullmatch(action.strip()):
                return f"the table may be locked for long, or lack something: {action}"
        return None

    def _filling(self, sql: str) -> str | None:
        read = {name for name in _READ.findall(sql) if name not in self.fresh}
        return f"a program must read these, in steps: {sorted(read)}" if read else None


def faults(statements: Iterable[str]) -> list[str]:
    """The refused statements of a migration, each with the reason."""
    reader = _Reader()
    found = []
    for each in statements:
        sql = re.sub(r"--[^\n]*", "", each)
        sql = re.sub(r"\s+", " ", sql).strip(" ;")
        if sql and (why := reader.fault(sql)):
            found.append(f"{sql[:120]}: {why}")
    return found


@dataclass(frozen=True, slots=True)
class _Lines:
    """A file that gets one statement at a time, as Alembic writes them."""

    written: list[str]

    def write(self, text: str) -> None:
        self.written.append(text)

    def flush(self) -> None:
        """Does nothing: there is no buffer."""


def statements(file: Path) -> Iterator[str]:
    """The SQL of a migration, without a database."""
    spec = importlib.util.spec_from_file_location(f"migration_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = _Lines([])
    options = {"as_sql": True, "output_buffer": lines}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    with Operations.context(context):
        module.upgrade()
    yield from lines.written
