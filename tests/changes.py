"""Which files have changed since what has landed, and of what a test module is made."""

import ast
import re
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_TESTS = ROOT / "tests"
# Where `pyproject.toml` has modules looked for.
_PLACES = (
    ROOT,
    ROOT / "gen",
    ROOT / "gen/clients/python",
    ROOT / "deploy/clients/python",
)
# The name of a module that a test starts as a program, as in "tests.fuzz".
_PROGRAM = re.compile(r"tests(?:\.\w+)+")
_DAY = 24 * 60 * 60
# Of files below this folder, each by itself, whatever its name consists of.
_NAMES = ("--name-only", "--no-renames", "--relative", "-z")


@cache
def changed_files() -> frozenset[Path] | None:
    """What differs from what has landed; on `origin/main` itself, what a day changed.

    `make nightly` has tested what landed before that day. None where git does not know.
    A file that was moved has changed in both places.
    """
    known = changes()
    if known is None:
        return None
    if known.commit != known.landed:
        return known.files
    return known.files.union(ROOT / name for name in _changed_in_a_day(known.commit))


@dataclass(frozen=True, slots=True)
class Changes:
    """The commit that is checked out, the one that has landed, and what differs."""

    commit: str
    landed: str
    files: frozenset[Path]


@cache
def changes() -> Changes | None:
    """What differs from what has landed; None where git does not know."""
    try:
        landed = _git("merge-base", "origin/main", "HEAD")[0].strip()
        names = _git("ls-files", "-z", "--others", "--exclude-standard")
        names += _git("diff", *_NAMES, landed)
        commit = _git("rev-parse", "HEAD")[0].strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    return Changes(commit, landed, frozenset(ROOT / name for name in names))


def _changed_in_a_day(commit: str) -> list[str]:
    """The files that the commits of the day before a commit, and it, have changed."""
    end = int(_git("log", "-1", "--format=%ct", commit)[0])
    since = f"--since=@{end - _DAY}"
    return _git("log", "-m", "--first-parent", since, *_NAMES, "--format=")


def _git(*arguments: str) -> list[str]:
    """What git says: names that NUL ends, or one text."""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [each for each in done.stdout.split("\0") if each]


def is_among(files: Collection[Path], changed: Collection[Path]) -> bool:
    """Whether one of these files has changed, or something else of their packages.

    That is all that is no Python: scripts, styles, data, C.
    """
    folders = {each.parent for each in files} - {ROOT, _TESTS}
    return any(
        each in files if each.suffix == ".py" else _package_of(each) in folders
        for each in changed
    )


def _package_of(file: Path) -> Path:
    """The package whose folder a file lies in, however deep below it."""
    return next(
        (each for each in file.parents if (each / "__init__.py").is_file()), ROOT
    )


@cache
def harness_of(module: Path) -> frozenset[Path]:
    """What a test module imports or starts of the tests, and the module itself."""
    return _made_of(module, within=_TESTS)


@cache
def parts_of(module: Path) -> frozenset[Path]:
    """All files of this tree that a test module imports, directly or by others."""
    return _made_of(module, within=ROOT)


def _made_of(module: Path, within: Path) -> frozenset[Path]:
    found, seek = set[Path](), [module]
    while seek:
        file = seek.pop()
        if file not in found and within in file.parents:
            found.add(file)
            seek += _imported_by(file)
    return frozenset(found)


@cache
def _imported_by(file: Path) -> tuple[Path, ...]:
    tree = ast.parse(file.read_text())
    names = {name for node in ast.walk(tree) for name in _names(node)}
    return tuple(found for name in names for found in _files_of(name))


@cache
def _files_of(name: str) -> tuple[Path, ...]:
    """The file of a module and those of its packages, if it is of this tree."""
    parts = name.split(".")
    for place in _PLACES:
        if (place / parts[0]).is_dir():
            paths = [place.joinpath(*parts[:size]) for size in range(1, len(parts) + 1)]
            files = (
                *(each / "__init__.py" for each in paths),
                paths[-1].with_suffix(".py"),
            )
            return tuple(each for each in files if each.is_file())
    return ()


def _names(node: ast.AST) -> Iterator[str]:
    """The modules that a piece of code may import, or start as a program."""
    match node:
        case ast.ImportFrom(module=str(module)):
            yield module
            yield from (f"{module}.{each.name}" for each in node.names)
        case ast.Import():
            yield from (each.name for each in node.names)
        case ast.Constant(value=str(text)) if _PROGRAM.fullmatch(text):
            yield from (text, f"{text}.__main__")
