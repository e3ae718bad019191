"""The secret of the edge: a setting, or a file that whoever needs it first makes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.doctor.network import of_edge_secret
from deploy.errors import SettingsError
from deploy.serving.edge_secrets import edge_secrets, known_secrets
from deploy.settings import Settings

ONE, OTHER = "1" * 32, "2" * 32


def test_programs_that_share_a_folder_share_a_secret(tmp_path: Path) -> None:
    settings = Settings.read(data_dir=tmp_path / "new")
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(edge_secrets, [settings] * 64))
    (secrets,) = found
    (secret,) = secrets
    assert len(secret) >= 32
    (file,) = (tmp_path / "new").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert edge_secrets(settings) == secrets


def test_a_setting_needs_no_file(tmp_path: Path) -> None:
    settings = Settings.read(data_dir=tmp_path, edge_secret=f"{ONE} {OTHER}")
    assert edge_secrets(settings) == known_secrets(settings) == (ONE, OTHER)
    assert not list(tmp_path.iterdir())


def test_a_look_makes_nothing(tmp_path: Path) -> None:
    settings = Settings.read(data_dir=tmp_path / "none")
    assert known_secrets(settings) == ()
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("secret", ["short", f"{ONE} short", "é" * 40])
def test_a_secret_that_can_be_guessed_or_not_be_sent_is_refused(secret: str) -> None:
    with pytest.raises(SettingsError, match="32 characters"):
        Settings.read(edge_secret=secret)


def test_a_folder_that_cannot_be_written_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings.read(data_dir=tmp_path / "file")
    with pytest.raises(SettingsError, match="PROSPECTCONNECT_EDGE_SECRET"):
        edge_secrets(settings)


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "edge-secret").touch()
    with pytest.raises(SettingsError, match="is empty"):
        edge_secrets(Settings.read(data_dir=tmp_path))


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ({}, "ok"),
        ({"services": "127.0.0.1:50051"}, "ok"),
        ({"services": "dns:///services.example:50051"}, "warning"),
        ({"host": "192.0.2.1"}, "warning"),
        ({"host": "192.0.2.1", "edge_secret": "x" * 32}, "ok"),
    ],
)
def test_programs_on_several_machines_need_a_secret(
    told: dict[str, str], level: str, tmp_path: Path
) -> None:
    found = of_edge_secret(Settings.read(data_dir=tmp_path, **told))
    assert found.level == level
    if level == "warning":
        assert "PROSPECTCONNECT_EDGE_SECRET" in found.remedy
