"""A test starts only programs that it names, and CI installs each of them."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.programs.system import (
    GIVEN,
    PACKAGES,
    Programs,
    named_by,
    program_path,
)

HERE = Path(__file__)
TESTS = HERE.parents[1]


def marks() -> Iterator[tuple[str, str]]:
    """The file and the program of each mark that says its program's name itself."""
    for file in sorted(TESTS.rglob("*.py")):
        if "node_modules" in file.parts or file == HERE:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="needs_program"),
                    args=[ast.Constant(value=str(name))],
                ):
                    yield file.name, name


def words() -> set[str]:
    """All texts in the code of tests, less those of this file and of the list."""
    return {
        node.value
        for file in TESTS.rglob("*.py")
        if "node_modules" not in file.parts and file != HERE
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_program_that_a_mark_names_is_installed_by_ci() -> None:
    named = set(marks())
    assert {name for _, name in named} > {"curl", "openssl", "promtool"}
    assert [each for each in named if each[1] not in PACKAGES] == []


def test_every_program_that_ci_installs_is_one_that_a_test_needs() -> None:
    assert PACKAGES.keys() - words() == set()
    assert not PACKAGES.keys() & set(GIVEN)


def test_ci_reads_the_same_list() -> None:
    script = (TESTS.parent / ".ci" / "run").read_text()
    assert "done <.ci/programs" in script


def test_a_test_without_a_mark_finds_what_every_machine_has_alone() -> None:
    assert [name for name in PACKAGES if program_path(name)] == []
    for name in ("sh", "cat"):
        subprocess.run([name], check=True, stdin=subprocess.DEVNULL)


@pytest.mark.needs_program("curl")
def test_a_mark_lets_a_test_find_its_program_and_no_other() -> None:
    assert [name for name in PACKAGES if program_path(name)] == ["curl"]
    subprocess.run(["curl", "--version"], check=True, stdout=subprocess.DEVNULL)
    with pytest.raises(FileNotFoundError):
        subprocess.run(["openssl", "version"], check=True)


def test_a_program_that_is_missing_is_told(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "links").mkdir()
    program = tmp_path / "bin" / "curl"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    made = Programs.below(tmp_path / "links", str(tmp_path / "bin"))
    assert made.missing(["curl", "openssl"]) == ["openssl"]
    assert shutil.which("curl", path=made.only(["curl"])) is not None
    assert shutil.which("curl", path=made.only(["openssl"])) is None


def test_a_mark_for_an_unlisted_program_is_an_error(
    request: pytest.FixtureRequest,
) -> None:
    """Planted: on this machine or not, nobody would install it."""
    item = request.node
    item.add_marker(pytest.mark.needs_program("cowsay"))
    with pytest.raises(KeyError, match="cowsay"):
        named_by(item)
