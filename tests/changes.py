"""Which files have changed since what has landed, and of what a harness is made."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


_DAY = 24 * 60 * 60


@cache
def changed_files() -> frozenset[Path] | None:
    """What differs from what has landed; on `origin/main` itself, what a day changed.

    `make nightly` has tested what landed before that day. None where git does not know.
    """
    try:
        landed = _git("merge-base", "origin/main", "HEAD")[0]
        names = _git("ls-files", "--others", "--exclude-standard")
        names += _git("diff", "--name-only", landed)
        if landed == _git("rev-parse", "HEAD")[0]:
            names += _changed_in_a_day()
    except (OSError, subprocess.CalledProcessError):
        return None
    return frozenset(ROOT / name for name in names)


def _changed_in_a_day() -> list[str]:
    """The files that the commits of the day before the last commit have changed."""
    end = int(_git("log", "-1", "--format=%ct")[0])
    since = f"--since=@{end - _DAY}"
    return _git("log", "-m", "--first-parent", since, "--name-only", "--format=")


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
