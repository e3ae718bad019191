"""What `/mcp` demands of an HTTP request, before it reads a message."""

from typing import Any

import pytest

from tests.edge.mcp.assistant import error_code, head, post
from tests.edge.served import OnEdge, Served, run


def body() -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def test_a_body_has_a_size(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        answer = await post(edge, b" " * (1024 * 1024 + 1), head())
        assert answer.status == 413
        assert error_code(answer) == -32600

    on_edge(scenario)


def test_other_media_types_are_refused(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        headers = head() | {"Content-Type": "text/plain"}
        assert (await post(edge, body(), headers)).status == 415
        for accept, status in (
            ("text/event-stream", 406),
            ("text/html, application/xml;q=0.9", 406),
            ("application/json", 200),
            ("APPLICATION/JSON;q=0.5, text/event-stream", 200),
            ("*/*", 200),
            ("application/*", 200),
        ):
            answer = await post(edge, body(), head() | {"Accept": accept})
            assert answer.status == status, accept
        headers = head()
        del headers["Accept"]
        assert (await post(edge, body(), headers)).status == 200

    on_edge(scenario)


def test_there_is_no_query(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("POST", "/mcp?token=x", json=body(), headers=head())
        assert (answer.status, error_code(answer)) == (400, -32600)

    on_edge(scenario)


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://127.0.0.1:80", "127.0.0.1:80", 200),
        ("http://localhost:80", "localhost:80", 200),
        ("http://[::1]:80", "[::1]:80", 200),
        ("https://evil.example", "127.0.0.1", 403),
        ("http://evil.example", "evil.example", 403),  # rebound to this machine
        ("http://127.0.0.1.evil.example", "127.0.0.1.evil.example", 403),
        ("http://localhost:81", "localhost:80", 403),
        ("null", "localhost", 403),
        ("http://[", "localhost", 403),
        ("", "localhost", 403),
    ],
)
def test_pages_of_other_sites_call_nothing(
    origin: str, host: str, status: int, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await post(edge, body(), head(Origin=origin, Host=host))
        assert answer.status == status
        assert "Access-Control-Allow-Origin" not in answer.headers

    on_edge(scenario)


def test_with_an_address_of_its_own_the_server_knows_its_pages() -> None:
    async def scenario(edge: Served) -> None:
        for origin, status in (
            ("https://api.example", 200),
            ("HTTPS://API.example", 200),
            ("http://api.example", 403),
            ("http://127.0.0.1", 403),
        ):
            answer = await post(edge, body(), head(Origin=origin, Host="127.0.0.1"))
            assert answer.status == status

    run(scenario, public_url="https://api.example")
