"""Services that are out of reach: apps and people are told so, and are sent nowhere."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from edge.settings import EdgeSettings
from tests.edge.served import Served, run, serving

Ask = Callable[..., Awaitable[aiohttp.ClientResponse]]

NOBODY = "127.0.0.1:1"
AUTHORIZE = "/oauth/authorize?client_id=a&redirect_uri=https://app.example/callback"
LOGIN = {"email": "a@b.example", "password": "x", "form_token": "x"}
TOKEN = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "x"}


def without_services(scenario: Callable[[Ask], Awaitable[None]]) -> None:
    """Runs a scenario against an edge whose services cannot be reached."""

    async def running() -> None:
        settings = EdgeSettings(log_requests=False)
        async with (
            serving(settings, NOBODY) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        ):

            async def ask(
                method: str, path: str, **options: Any
            ) -> aiohttp.ClientResponse:
                answer = await session.request(
                    method, path, allow_redirects=False, **options
                )
                await answer.read()
                return answer

            await scenario(ask)

    asyncio.run(running())


def test_apps_are_told_to_come_again() -> None:
    async def scenario(ask: Ask) -> None:
        for path, sent in (
            ("/oauth/token", {"data": TOKEN}),
            ("/oauth/revoke", {"data": TOKEN}),
            ("/oauth/introspect", {"data": TOKEN}),
            ("/oauth/register", {"json": {}}),
        ):
            answer = await ask("POST", path, **sent)
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert (await answer.json())["error"] == "temporarily_unavailable"

    without_services(scenario)


def test_people_are_told_on_a_page() -> None:
    session = {"Cookie": f"session=pcs_{'0' * 56}; browser={'b' * 32}"}

    async def scenario(ask: Ask) -> None:
        for method, path, sent in (
            ("GET", AUTHORIZE, {}),
            ("GET", "/oauth/login", {}),
            ("POST", "/oauth/login", {"data": LOGIN, "headers": session}),
            ("GET", "/oauth/consent?request=x", {"headers": session}),
            ("GET", "/account/apps", {"headers": session}),
        ):
            answer = await ask(method, path, **sent)
            assert answer.status == 503, path
            assert "Location" not in answer.headers
            assert int(answer.headers["Retry-After"]) > 0
            assert "The fault is ours" in await answer.text()

    without_services(scenario)


def test_what_needs_no_services_is_there() -> None:
    async def scenario(ask: Ask) -> None:
        for path in (
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-protected-resource/v1",
            "/oauth/logout",  # of whoever has no session
        ):
            assert (await ask("GET", path)).status == 200

    without_services(scenario)


def test_what_the_services_do_not_know_tells_nothing_of_the_inside() -> None:
    async def scenario(edge: Served) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await edge.ask("POST", "/oauth/token", data=TOKEN, headers=form)
        assert answer.status == 500
        assert answer.json["error"] == "server_error"
        assert "ours" in answer.json["error_description"]

    run(scenario)


@pytest.mark.parametrize("host", ["x y", "a/b", "<script>", "a\x80"])
def test_a_host_that_is_none_names_no_issuer(host: str) -> None:
    async def scenario(edge: Served) -> None:
        for path in ("/.well-known/oauth-authorization-server", "/oauth/login"):
            answer = await edge.ask("GET", path, headers={"Host": host})
            assert answer.status == 400
            assert host.encode() not in answer.text

    run(scenario)
