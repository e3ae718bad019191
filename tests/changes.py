"""Which files have changed since what has landed, and of what a harness is made."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@cache
def changed_files() -> frozenset[Path] | None:
    """What differs from what has landed, or else what landed last.

    None where git does not know.
    """
    try:
        landed = _git("merge-base", "origin/main", "HEAD")[0]
        if landed == _git("rev-parse", "HEAD")[0]:
            landed = "HEAD~1"
        names = _git("diff", "--name-only", landed)
        names += _git("ls-files", "--others", "--exclude-standard")
    except (OSError, subprocess.CalledProcessError):
        return None
    return frozenset(ROOT / name for name in names)


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@cache
def harness_of(module: Path) -> frozenset[Path]:
    """The files of a test module: itself, and what it imports of the tests."""
    found, seek = set[Path](), [module]
    while seek:
        file = seek.pop()
        if file not in found:
            found.add(file)
            seek += _imported_by(file)
    return frozenset(found)


@cache
def _imported_by(file: Path) -> tuple[Path, ...]:
    tree = ast.parse(file.read_text())
    names = {name for node in ast.walk(tree) for name in _names(node)}
    files = (ROOT / f"{name.replace('.', '/')}.py" for name in names)
    return tuple(each for each in files if each.is_file())


def _names(node: ast.AST) -> Iterator[str]:
    """The modules of the tests that a statement may import."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
        yield str(node.module)
        yield from (f"{node.module}.{each.name}" for each in node.names)
