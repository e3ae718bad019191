"""The doctor: each fault is found, named, and told what to do about."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.doctor import checks as doctor
from deploy.doctor.network import of_ports
from deploy.settings import Settings
from services.postgres.database import Database
from services.postgres.examination import EXTENSIONS, examine
from services.postgres.migrations import HEAD
from services.postgres.schema import OLDEST_SERVER
from tests.deploy import program
from tests.harness.wire.certificates import new_authority
from tests.stacks import Stack
from tests.world import administer

Levels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What the program has said, and how it ended."""

    status: int
    findings: list[dict[str, Any]]

    def levels(self) -> Levels:
        return {each["name"]: each["level"] for each in self.findings}

    def told(self, name: str) -> str:
        """What is said of a check, with what to do."""
        return " ".join(
            f"{each['text']} {each['remedy']}"
            for each in self.findings
            if each["name"] == name
        )


def report(*arguments: str) -> Report:
    """Runs the doctor on free ports unless told otherwise."""
    ports = ("--http-port", "0", "--grpc-port", "0")
    result = program.run("doctor", "--json", *ports, *arguments)
    said = json.loads(result.stdout)
    assert said["ok"] is (result.returncode == 0), result.stderr
    return Report(result.returncode, said["findings"])


@pytest.fixture(scope="module")
def examined() -> Callable[[str, str], Levels]:
    """Examines a database of its own after a statement has spoilt it."""

    async def ask(database: Database) -> Levels:
        return {each.name: each.level for each in await examine(database, 10)}

    def spoil(url: str, sql: str) -> Levels:
        async def work(database: Database) -> Levels:
            await database.run(sql)
            return await ask(database)

        return administer(url, work)

    return spoil


def test_a_sound_installation_passes(database_url: str, tmp_path: Path) -> None:
    place = ("--database-url", database_url, "--data-dir", str(tmp_path))
    found = report(*place)
    assert found.status == 0, found.findings
    assert set(found.levels()) >= {
        *("database", "writes", "version", "durability", "letters", "schema"),
        "extensions",
        *("clock", "missing indexes", "indexes", "connections"),
        *("rate limits", "disk", "public url", "http port", "grpc port"),
    }
    assert HEAD in found.told("schema")


def test_it_says_so_in_words(database_url: str, tmp_path: Path) -> None:
    more = ("--http-port", "0", "--grpc-port", "0", "--public-url", "api.example")
    place = ("--database-url", database_url, "--data-dir", str(tmp_path))
    result = program.run("doctor", *place, *more)
    assert result.returncode == 1
    assert "no  public url" in result.stdout
    assert "Such as PROSPECTCONNECT_PUBLIC_URL=https://" in result.stdout


def test_a_database_out_of_reach_is_told_of_without_its_password() -> None:
    url = "postgresql://ada:open-sesame@127.0.0.1:9/crm"
    result = program.run("doctor", "--json", "--database-url", url)
    assert result.returncode == 1
    assert '"database", "level": "failed"' in result.stdout
    assert "open-sesame" not in result.stdout + result.stderr


def test_a_database_without_a_schema(
    new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database("doctor_empty")
    found = report("--database-url", url, "--data-dir", str(tmp_path))
    assert found.status == 1
    assert "prospectconnect migrate" in found.told("schema")
    assert "CREATE EXTENSION" in found.told("extensions")


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "schema"),
        ("DROP EXTENSION pg_trgm CASCADE", "extensions"),
        (
            "INSERT INTO missing_indexes VALUES ('contacts_by_name', 'CREATE INDEX')",
            "missing indexes",
        ),
        ("SET synchronous_commit = off", "durability"),
    ],
)
def test_each_fault_of_a_database_is_found(
    migrated_database: Callable[[str], str],
    examined: Callable[[str, str], Levels],
    sql: str,
    name: str,
) -> None:
    levels = examined(migrated_database("doctor"), sql)
    assert {name for name, level in levels.items() if level != "ok"} == {name}


def test_too_few_connections(database_url: str) -> None:
    async def look(database: Database) -> str:
        found = await examine(database, 100_000)
        return found[-1].level

    assert administer(database_url, look) == "failed"


def test_a_clock_that_is_off_is_found(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time

    async def look(database: Database) -> Levels:
        monkeypatch.setattr(
            "services.postgres.examination.time.time", lambda: now() + 30
        )
        return {each.name: each.level for each in await examine(database, 1)}

    assert administer(database_url, look)["clock"] == "failed"


@contextmanager
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.doctor.network._PATIENCE_SECONDS", 0.2)
    with taken() as port:
        http, grpc = of_ports(Settings.read(http_port=port, grpc_port=0))
    assert (http.level, grpc.level) == ("failed", "ok")
    assert "ss -ltnp" in http.remedy


def test_a_port_of_the_product_itself(running_stacks: Callable[[str], Stack]) -> None:
    stack = running_stacks("together")
    http, grpc = (int(each.rpartition(":")[2]) for each in (stack.http, stack.grpc))
    found = list(of_ports(Settings.read(http_port=http, grpc_port=grpc)))
    assert [each.level for each in found] == ["ok", "ok"]
    assert all("runs here" in each.text for each in found)


@pytest.mark.needs_program("openssl")
def test_a_port_of_the_product_that_takes_known_clients_alone(
    running_stacks: Callable[[str], Stack], tmp_path: Path
) -> None:
    authority = new_authority(tmp_path)
    signed = authority.sign("http")
    tls = {
        "PROSPECTCONNECT_HTTP_TLS_CERTIFICATE": str(signed.certificate),
        "PROSPECTCONNECT_HTTP_TLS_KEY": str(signed.key),
        "PROSPECTCONNECT_HTTP_TLS_CLIENT_CA": str(authority.own.certificate),
    }
    services = running_stacks("split").grpc
    where = ("--http-port", "0", "--services", services, "--data-dir", str(tmp_path))
    with program.started("edge", *where, env=tls) as edge:
        port = edge.http.rpartition(":")[2]
        said = program.run("doctor", "--json", *where, "--http-port", port, **tls)
    found = {each["name"]: each["text"] for each in json.loads(said.stdout)["findings"]}
    assert "the product runs here" in found["http port"]


def test_the_services_of_an_edge(
    running_stacks: Callable[[str], Stack], tmp_path: Path
) -> None:
    place = ("--data-dir", str(tmp_path))
    reached = report("--services", running_stacks("split").grpc, *place)
    assert reached.status == 0
    assert "database" not in reached.levels()
    lost = report("--services", "127.0.0.1:9", *place)
    assert lost.levels()["services"] == "failed"


@pytest.mark.parametrize(
    ("url", "level"),
    [
        (None, "ok"),
        ("https://api.example.com", "ok"),
        ("https://api.example.com/", "ok"),
        ("http://127.0.0.1:8080", "ok"),
        ("http://api.example.com", "warning"),
        ("https://api.example.com/v1", "failed"),
        ("https://me@api.example.com", "failed"),
        ("api.example.com", "failed"),
        ("ftp://api.example.com", "failed"),
        ("https://[::1", "failed"),
        ("https://[::1]:8443", "ok"),
        ("https://api.example.com:99999", "failed"),
        ('https://api.example.com"', "failed"),
        ("https://", "failed"),
    ],
)
def test_a_public_url_must_be_an_address_of_a_server(
    url: str | None, level: str
) -> None:
    assert doctor.of_public_url(Settings.read(public_url=url)).level == level


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in its place")
    (found,) = doctor.of_folder(Settings.read(data_dir=tmp_path / "data"))
    assert (found.name, found.level) == ("rate limits", "failed")


def test_a_folder_is_looked_at_and_not_made(tmp_path: Path) -> None:
    settings = Settings.read(data_dir=tmp_path / "one" / "two")
    assert [each.level for each in doctor.of_folder(settings)] == ["ok", "ok"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_looked_into_ends_no_look(tmp_path: Path) -> None:
    settings = Settings.read(data_dir=tmp_path / ("too long" * 100))
    assert asyncio.run(doctor.of_database(settings))


def test_a_disk_that_is_nearly_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 1 << 62)
    _, disk = doctor.of_folder(Settings.read(data_dir=tmp_path))
    assert (disk.name, disk.level) == ("disk", "failed")


@pytest.mark.needs_program("openssl")
def test_certificates_and_their_days(tmp_path: Path) -> None:
    signed, other = (new_authority(tmp_path).sign(name) for name in ("one", "two"))

    def found(certificate: Path, key: Path) -> list[str]:
        settings = Settings.read(http_tls_certificate=certificate, http_tls_key=key)
        return [each.level for each in doctor.of_tls(settings)]

    assert found(signed.certificate, signed.key) == ["warning"]  # two days are few
    assert found(signed.certificate, other.key) == ["failed"]
    assert found(tmp_path / "none.pem", signed.key) == ["failed"]
    settings = Settings.read(http_tls_certificate=signed.certificate)
    assert [each.name for each in doctor.of_tls(settings)] == ["tls"]


def test_what_it_needs_is_what_migrations_make() -> None:
    versions = Path("services/postgres/migrations/versions")
    text = " ".join(path.read_text() for path in versions.glob("0*.py"))
    assert all(f"CREATE EXTENSION IF NOT EXISTS {name}" in text for name in EXTENSIONS)
    assert text.count("CREATE EXTENSION") == len(EXTENSIONS)
    assert OLDEST_SERVER == 150_000
    assert os.path.exists(versions)
