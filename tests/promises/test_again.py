"""What failed beside others runs again, alone, and must pass each time."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.again import MOST, TIMES
from tests.changes import ROOT

_COUNTED = """
from pathlib import Path

def run(name):  # which time it is that a case runs
    ran = Path(name)
    ran.write_text((ran.read_text() if ran.exists() else "") + "x")
    return len(ran.read_text())
"""
_OPTIONS = ("--import-mode=importlib", "-p", "tests.again", "-p", "no:cacheprovider")


def again(folder: Path, cases: str) -> tuple[int, str]:
    """Runs cases in a project of their own. Returns the exit code and the output."""
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = .\nmarkers = seldom\n")
    (folder / "test_cases.py").write_text(f"import pytest\n{_COUNTED}{cases}")
    done = subprocess.run(
        [sys.executable, "-m", "tests.again", *_OPTIONS],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def failing(*times: int, name: str = "a") -> str:
    """A case that fails the first, the second time and so on, as they are named."""
    return f"\ndef test_{name}():\n    assert run('{name}') not in {times}\n"


def test_a_case_that_passes_each_time_alone_has_passed(tmp_path: Path) -> None:
    code, told = again(tmp_path, failing(1) + failing(name="b"))
    assert code == 0, told
    assert "  test_cases.py::test_a\n" in told
    assert (tmp_path / "a").read_text() == "x" * (1 + TIMES)
    assert (tmp_path / "b").read_text() == "x"


@pytest.mark.parametrize("time", range(2, 2 + TIMES))
def test_one_that_fails_once_more_has_failed(tmp_path: Path, time: int) -> None:
    code, told = again(tmp_path, failing(1, time))
    assert code == 1, told


_RANDOM = "\nfrom hypothesis import given, strategies\n\n@given(strategies.none())"
_ROUNDS = "\nfrom tests.rounds import rounds\n"
_TEARDOWN = """
@pytest.fixture(autouse=True)
def ends():
    yield
    assert run("a") != 1

def test_a():
    pass
"""


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(_RANDOM + failing(1).replace("():", "(_):"), id="random input"),
        pytest.param(_ROUNDS + failing(1), id="rounds"),
        pytest.param(_TEARDOWN, id="teardown"),
        pytest.param(
            "".join(failing(1, name=f"a{n}") for n in range(MOST + 1)), id="many"
        ),
        pytest.param("raise ValueError\n", id="a module that cannot be read"),
    ],
)
def test_what_fails_at_once(tmp_path: Path, cases: str) -> None:
    code, told = again(tmp_path, cases)
    assert code in {1, 2}, told
    assert "alone" not in told
