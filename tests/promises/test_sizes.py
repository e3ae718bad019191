"""Files, functions and folders stay small enough to be read at once.

A proto is as long as what it says of its record to clients.
"""

import ast
import textwrap
from collections import Counter
from pathlib import Path

from tests.changes import ROOT

MOST_LINES, MOST_OF_A_FUNCTION, MOST_FILES = 300, 50, 25

# Each change of the schema adds a file, which never changes again.
GROWING = {ROOT / "services/postgres/migrations/versions"}

PLACES = ("deploy", "edge", "protos", "services", "tests")
KINDS = ("*.py", "*.c", "*.h", "*.ts", "*.mjs", "*.sh")


def sources(kinds: tuple[str, ...] = KINDS) -> list[Path]:
    """The files that are written by hand."""
    return [
        file
        for place in PLACES
        for kind in kinds
        for file in (ROOT / place).rglob(kind)
        if "node_modules" not in file.parts
    ]


def long_functions(source: str) -> dict[str, int]:
    """The functions that are too long, each with its lines."""
    made = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lines = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in made}
    return {name: n for name, n in lines.items() if n > MOST_OF_A_FUNCTION}


def test_no_file_is_long() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for file in sources()
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_function_is_long() -> None:
    found = {
        str(file.relative_to(ROOT)): long
        for file in sources(("*.py",))
        if (long := long_functions(file.read_text()))
    }
    assert found == {}


def test_no_folder_holds_many_modules() -> None:
    counts = Counter(file.parent for file in sources(("*.py",)))
    full = {folder for folder, count in counts.items() if count > MOST_FILES}
    assert full - GROWING == set()


def test_a_long_function_is_found() -> None:
    body = "    pass\n" * (MOST_OF_A_FUNCTION - 1)
    assert long_functions(f"def f():\n{body}") == {}
    method = textwrap.indent(f"async def f():\n    pass\n{body}", "    ")
    assert long_functions(f"class A:\n{method}") == {"f": MOST_OF_A_FUNCTION + 1}
