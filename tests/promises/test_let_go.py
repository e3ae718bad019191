"""What a failed case held is no fault of a later case."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.changes import ROOT

_FAILING = """
import socket

def test_a():
    held = socket.socket()
    def kept():
        return held
    {error}

def test_b():
    pass
"""
_OPTIONS = ("--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:randomly")
_ERRORS = {
    "alone": "assert kept() is None",
    "from another": """
    try:
        1 / 0
    except ZeroDivisionError as error:
        assert kept() is None, error""",
    "in a group": """
    try:
        assert kept() is None
    except AssertionError as error:
        raise ExceptionGroup("two", [error, ValueError()])""",
}


@pytest.mark.parametrize("error", _ERRORS.values(), ids=_ERRORS)
def test_only_the_case_that_failed_has_failed(tmp_path: Path, error: str) -> None:
    assert _failed(tmp_path, error, "-p", "tests.let_go") == (1, 0)


@pytest.mark.canary
def test_without_it_another_error_is_told(tmp_path: Path) -> None:
    """The planted fault: this is what pytest does."""
    failed, others = _failed(tmp_path, _ERRORS["alone"])
    assert failed + others > 1


def _failed(folder: Path, error: str, *options: str) -> tuple[int, int]:
    """Runs two cases. Returns how often a failure, and an unclosed socket, is told."""
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (folder / "test_cases.py").write_text(_FAILING.format(error=error))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *_OPTIONS, *options],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    return told.count("\nFAILED "), told.count("\npytest.PytestUnraisable")
