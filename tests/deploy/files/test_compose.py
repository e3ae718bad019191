"""`deploy/compose`: what is promised of every container, and that the program agrees.

No engine runs here: the files are read, and given to the programs that they are for.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from services.settings import ServiceSettings
from tests.deploy.files.manifests import (
    DEPLOY,
    Document,
    check_arguments,
    read_documents,
    settings_of,
)
from tests.harness.programs.system import program_path

FOLDER = DEPLOY / "compose"
(COMPOSE,) = read_documents(FOLDER / "compose.yaml")
CONTAINERS: dict[str, Document] = COMPOSE["services"]
OURS = [
    name
    for name, each in CONTAINERS.items()
    if each["image"].startswith("prospectconnect:")
]
SECRETS = (
    "database_password",
    "database_url",
    "database_url_direct",
    "edge_secret",
    "pooler_users",
    "valkey_password",
    "certificate.pem",
)


def variables_of(container: Document) -> dict[str, str]:
    """Its variables, with what an operator gives for `${NAME:?...}`."""
    given = container.get("environment", {}).items()
    return {
        name: re.sub(r"\$\{\w+:\?.*\}", "https://a.example", text)
        for name, text in given
    }


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_contained(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert "cap_add" not in container
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in container
    assert "network_mode" not in container
    limits = container["deploy"]["resources"]["limits"]
    assert limits.keys() == {"cpus", "memory", "pids"}
    assert container["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_watched_and_comes_back(name: str) -> None:
    container = CONTAINERS[name]
    if name == "migrate":  # runs to its end
        assert container["restart"] == "no"
        assert container["healthcheck"] == {"disable": True}
        return
    assert container["restart"] == "unless-stopped"
    assert container["healthcheck"]["test"][0] == "CMD"
    assert container["healthcheck"].keys() >= {"interval", "timeout", "retries"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_an_image_has_a_version(name: str) -> None:
    tag = CONTAINERS[name]["image"].partition(":")[2]
    assert re.search(r"\d+\.\d+", tag)


@pytest.mark.parametrize("name", OURS)
def test_the_program_understands_what_it_is_told(name: str) -> None:
    container = CONTAINERS[name]
    check_arguments(container["command"])
    settings = settings_of(variables_of(container))
    assert settings.plaintext_grpc
    grace = int(container["stop_grace_period"].removesuffix("s"))
    assert grace > settings.drain_seconds
    command = container["healthcheck"].get("test", ["CMD", "prospectconnect", "health"])
    assert command[:2] == ["CMD", "prospectconnect"]
    check_arguments(command[2:])


def test_the_database_is_out_of_the_proxys_reach() -> None:
    networks = {name: set(each["networks"]) for name, each in CONTAINERS.items()}
    assert networks["proxy"] & networks["edge"]
    assert networks["edge"] & networks["services"]
    assert networks["services"] & networks["pooler"] & networks["database"]
    for name in ("proxy", "edge", "valkey", "prometheus"):
        assert not networks[name] & networks["database"]
    assert not networks["proxy"] & networks["services"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    published = {name: each.get("ports", []) for name, each in CONTAINERS.items()}
    assert published.pop("proxy") == ["443:8443", "80:8080"]
    for ports in published.values():
        assert all(port.startswith("127.0.0.1:") for port in ports)
    closed = {
        name for name, each in COMPOSE["networks"].items() if each.get("internal")
    }
    for name, each in CONTAINERS.items():
        if not published.get(name) and name != "proxy":
            assert set(each["networks"]) <= closed, name


def test_the_edge_believes_the_proxys_network_alone() -> None:
    (front,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    edge = CONTAINERS["edge"]
    assert edge["environment"]["PROSPECTCONNECT_TRUSTED_PROXIES"] == front["subnet"]


def test_two_of_each_serve_on_a_migrated_database() -> None:
    for name in ("edge", "services"):
        assert CONTAINERS[name]["deploy"]["replicas"] == 2
    first = CONTAINERS["services"]["depends_on"]["migrate"]
    assert first == {"condition": "service_completed_successfully"}


def test_a_worker_runs_the_jobs_that_services_leave_to_it() -> None:
    assert not settings_of(variables_of(CONTAINERS["services"])).runs_jobs
    worker = CONTAINERS["worker"]
    assert worker["command"] == ["worker"]
    assert worker["networks"] == ["data"]
    assert settings_of(variables_of(worker)).metrics_port


def test_no_secret_is_a_variable() -> None:
    for name, container in CONTAINERS.items():
        for key in container.get("environment", {}):
            wanted = not re.search(r"PASSWORD$|TOKEN|DATABASE_URL|KEY$", key)
            assert wanted, (name, key)


@pytest.mark.needs_program("openssl")
def test_every_file_that_is_named_is_there(tmp_path: Path) -> None:
    for config in COMPOSE["configs"].values():
        assert (FOLDER / config["file"]).is_file()
    made = make_secrets(tmp_path)
    for secret in COMPOSE["secrets"].values():
        assert (made / Path(secret["file"]).name).is_file()
    for container in CONTAINERS.values():
        if build := container.get("build"):
            assert (FOLDER / build["context"] / build["dockerfile"]).is_file()


def make_secrets(folder: Path) -> Path:
    """Runs the script in a copy of its folder; returns where the secrets are."""
    script = Path(shutil.copy(FOLDER / "make-secrets.sh", folder))
    subprocess.run([script, "api.example.com"], check=True, capture_output=True)
    return folder / "secrets"


@pytest.mark.needs_program("openssl")
def test_secrets_are_made_once_and_are_not_for_everybody(tmp_path: Path) -> None:
    made = make_secrets(tmp_path)
    assert made.stat().st_mode & 0o777 == 0o700
    first = {path.name: path.read_text() for path in made.iterdir()}
    assert first.keys() == set(SECRETS)
    password = first["database_password"].strip()
    assert len(password) >= 32
    for name in ("database_url", "database_url_direct", "pooler_users"):
        assert password in first[name]
    make_secrets(tmp_path)
    assert {path.name: path.read_text() for path in made.iterdir()} == first


def test_services_have_room_in_the_pooler_and_the_pooler_in_the_database() -> None:
    pooler = (FOLDER / "pgbouncer.ini").read_text()
    database = (FOLDER / "postgresql.conf").read_text()
    clients = number("max_client_conn", pooler)
    pool = number("default_pool_size", pooler)
    each = settings_of(CONTAINERS["services"]["environment"]).max_connections
    assert each >= ServiceSettings("").max_connections
    assert 2 * CONTAINERS["services"]["deploy"]["replicas"] * each <= clients
    assert pool + 10 <= number("max_connections", database)
    assert "pool_mode = transaction" in pooler
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"{name} = on" in database


def number(name: str, text: str) -> int:
    found = re.search(rf"^{name} = (\d+)", text, re.MULTILINE)
    assert found is not None
    return int(found[1])


@pytest.mark.needs_program("haproxy")
@pytest.mark.needs_program("openssl")
def test_the_proxy_takes_its_configuration(tmp_path: Path) -> None:
    certificate = make_secrets(tmp_path) / "certificate.pem"
    text = (FOLDER / "haproxy.cfg").read_text()
    assert "/run/secrets/certificate.pem" in text
    file = tmp_path / "haproxy.cfg"
    file.write_text(text.replace("/run/secrets/certificate.pem", str(certificate)))
    program = program_path("haproxy")
    assert program is not None
    done = subprocess.run(
        [program, "-c", "-f", file], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_the_proxy_waits_for_longer_than_the_edge() -> None:
    text = (FOLDER / "haproxy.cfg").read_text()
    found = re.search(r"timeout server (\d+)s", text)
    assert found is not None
    assert int(found[1]) > settings_of({}).request_deadline_seconds
