"""Secrets that come as files: below flags and variables, and none goes unread."""

from pathlib import Path

import pytest

from deploy.errors import SettingsError
from deploy.settings import Settings

URL = "postgresql://crm:s3cret@database/crm"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The secrets' folder, which the settings are told of."""
    monkeypatch.setenv("PROSPECTCONNECT_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_a_file_is_a_setting(folder: Path) -> None:
    (folder / "database_url").write_text(f"{URL}\n")
    (folder / "..data").mkdir()  # how Kubernetes keeps its files
    (folder / "tls.key").write_text("somebody else's")
    assert Settings.read().database_url == URL


def test_flags_and_variables_win(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "database_url").write_text(URL)
    monkeypatch.setenv("PROSPECTCONNECT_DATABASE_URL", "")
    assert Settings.read().database_url == URL
    flag = "postgresql://flag"
    assert Settings.read(database_url=flag).database_url == flag
    monkeypatch.setenv("PROSPECTCONNECT_DATABASE_URL", "postgresql://variable")
    assert Settings.read().database_url == "postgresql://variable"
    assert Settings.read(database_url=flag).database_url == flag


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("databse_url", b"x", "no setting databse_url"),
        ("database_url", b"\xff", "cannot be read"),
        ("database_url", b"x" * 65_537, "longer than 64 KiB"),
        ("workers", b"many", "WORKERS: .* valid integer"),
    ],
)
def test_a_file_that_is_of_no_use_is_named(
    folder: Path, name: str, content: bytes, says: str
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(SettingsError, match=says):
        Settings.read()


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROSPECTCONNECT_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match=r"none cannot be read"):
        Settings.read()
