"""Keys are changed beside a running server, and who pages does not notice."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.client import Client
from tests.deploy import program
from tests.stacks import Process

PATIENCE_SECONDS = 180.0


@pytest.fixture(scope="module")
def server(data_dir: Path) -> Iterator[Process]:
    with program.started(*program.serve(data_dir, "--no-demo")) as running:
        yield running


@pytest.fixture
def client(server: Process, data_dir: Path) -> Iterator[Client]:
    """The owner of a tenant with two contacts."""
    place = ("--data-dir", str(data_dir))
    limit = ("--rate-limit", "100000/1s")
    program.output("tenant", "create", "--name", "Acme", *limit, *place)
    whose = ("--tenant", "Acme", "--email", "ann@acme.example", "--role", "owner")
    program.output("user", "create", *whose, *place)
    token = program.output(
        *("token", "create", "--tenant", "Acme", "--user", "ann@acme.example"),
        *("--scopes", "contact.all", *limit, *place),
    )
    with closing(Client(server.http, token)) as client:
        for name in ("ada", "bob"):
            client.create("/contacts", {"email": f"{name}@acme.example"})
        yield client


def next_page(client: Client, cursor: str | None = None) -> int:
    body = {"limit": 1, **({"cursor": cursor} if cursor else {})}
    return client.post("/contacts/search", body).status


def test_keys_change_beside_a_server(client: Client, data_dir: Path) -> None:
    place = ("--data-dir", str(data_dir))
    first = client.search("/contacts", limit=1)["meta"]["cursor"]["next"]
    rotate = ("secret", "rotate", "--name", "cursors")
    assert program.output(*rotate, *place) == ""
    assert next_page(client, first) == 200
    assert program.output(*rotate, "--leaked", *place) == ""
    end = time.monotonic() + PATIENCE_SECONDS
    while next_page(client, first) != 400:
        assert time.monotonic() < end, "what a leaked key sealed is still taken"
    fresh = client.search("/contacts", limit=1)["meta"]["cursor"]["next"]
    assert next_page(client, fresh) == 200


def test_a_key_of_no_use_is_named(data_dir: Path) -> None:
    result = program.run("secret", "rotate", "--name", "sessions")
    assert result.returncode == 2
    assert "cursors" in result.stderr
