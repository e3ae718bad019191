"""What `serve` says works as it stands, in the shell that it was started from."""

import sys
from pathlib import Path

import pytest

from deploy.commands.welcome import program, welcome
from deploy.serving.ready import Ready

READY = Ready("127.0.0.1:8080", "127.0.0.1:50051", "http")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program, started from an environment that is not on the PATH."""
    path = tmp_path / ".venv" / "bin" / "prospectconnect"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(path), "serve"])
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.chdir(tmp_path)
    return path


@pytest.mark.usefixtures("installed")
def test_off_the_path_the_program_is_named_by_where_it_is() -> None:
    assert program() == ".venv/bin/prospectconnect"
    assert " .venv/bin/prospectconnect token create --help" in welcome(READY, None)


def test_from_far_away_it_has_its_full_path(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/usr/share")
    assert program() == str(installed)


def test_on_the_path_it_is_named_by_its_name(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(installed.parent))
    assert program() == "prospectconnect"


def test_the_token_says_what_it_may_and_for_how_long() -> None:
    assert "all scopes, for 30 days" in welcome(READY, "pcp_1")
