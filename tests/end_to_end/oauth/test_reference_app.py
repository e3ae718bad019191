"""The app that the reference is to users: one for each server, and nobody else's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.iam.oauth import apps
from tests import stacks
from tests.client import Answer
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Person
from tests.harness.people.web_app import JSON, WebApp, ask
from tests.stacks import Stack
from tests.world import administer

APP = "/docs/reference/app"


def find(stack: Stack, host: str = "", **headers: str) -> Answer:
    sent = {"host": host or stack.http, **headers}
    return ask(stack.http, "POST", APP, b"", sent)


@pytest.fixture(scope="module")
def closed(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A server that knows its address, and lets no app register."""
    data_dir: Path = tmp_path_factory.mktemp("closed")
    env = {
        "PROSPECTCONNECT_DATA_DIR": str(data_dir),
        "PROSPECTCONNECT_PUBLIC_URL": "https://api.example",
        "PROSPECTCONNECT_REGISTRATION": "closed",
        **stacks.UNLIMITED,
    }
    with stacks.running("together", database_url, env) as stack:
        yield stack


def test_a_server_has_one_reference(stack: Stack) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [each.json for each in pool.map(lambda _: find(stack), range(16))]
    assert all(each == found[0] for each in found)
    app: dict[str, Any] = found[0]
    assert app["issuer"] == f"http://{stack.http}"
    assert app["redirect_uri"] == f"http://{stack.http}/docs/reference/callback"
    assert app["client_id"].startswith("app_")
    assert {"contact.all", "deal.read"} <= set(app["scopes"])
    assert not [scope for scope in app["scopes"] if scope.startswith("token.")]


def test_its_id_follows_from_the_host_and_not_the_port(stack: Stack) -> None:
    here = find(stack).json["client_id"]
    assert find(stack, "127.0.0.1:1").json["client_id"] == here
    assert find(stack, "localhost:1").json["client_id"] != here


def test_no_host_header_makes_an_app(stack: Stack) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"):
        answer = find(stack, host)
        assert (answer.status, "client_id" in answer.json) == (404, False), host


def test_it_is_there_where_no_app_may_register(closed: Stack) -> None:
    body = b'{"redirect_uris": ["https://a.example/b"]}'
    assert ask(closed.http, "POST", "/oauth/register", body, JSON).status == 403
    app = find(closed, "evil.example").json
    assert app["issuer"] == "https://api.example"
    assert app["redirect_uri"] == "https://api.example/docs/reference/callback"


def test_nobody_can_change_it(stack: Stack) -> None:
    path = f"/oauth/register/{find(stack).json['client_id']}"
    for token in ("", "pcr_nonsense"):
        for method in ("GET", "DELETE"):
            headers = {"authorization": f"Bearer {token}"}
            assert ask(stack.http, method, path, b"", headers).status == 401


def test_no_other_site_can_ask_for_it(stack: Stack) -> None:
    answer = find(stack, **{"sec-fetch-site": "cross-site"})
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers
    assert ask(stack.http, "GET", APP, b"", {}).status == 405


def test_one_that_an_operator_deletes_comes_back_without_access(
    desk: Scene, person: Person
) -> None:
    stack = desk.tenant.stack
    found = find(stack, "[::1]:1").json
    app = WebApp(stack.http, found["client_id"], "", "none", "")
    place = {"redirect_uri": found["redirect_uri"]}
    tokens = app.exchange(*app.code(person, **place), **place).json
    assert desk.lives(tokens["access_token"])
    administer(stack.database_url, lambda db: apps.delete_app(db, app.id))
    assert find(stack, "[::1]:1").json["client_id"] == app.id
    assert desk.dies(tokens["access_token"])
    assert app.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
