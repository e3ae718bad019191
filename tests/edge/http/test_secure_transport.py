"""What browsers and finders of holes are told, and only where it is so."""

import re
from datetime import UTC, datetime

import pytest

from edge.web import security_txt
from tests.edge.served import HEADERS, Served, check_problem, run

STRICT = "strict-transport-security"
PATHS = (
    *("/v1/me", "/v1/nothing", "/v1/contacts/con_none", "/nowhere"),
    *("/oauth/login", "/oauth/token", "/.well-known/oauth-authorization-server"),
    *("/files/style.css", "/.well-known/security.txt"),
)
CONTACT = "mailto:security@acme.example"


@pytest.mark.parametrize(
    "settings", [{"public_url": "https://api.example"}, {"serves_tls": True}]
)
def test_every_answer_asks_for_tls_where_clients_come_over_it(
    settings: dict[str, object],
) -> None:
    async def scenario(edge: Served) -> None:
        for path in PATHS:
            for method in ("GET", "PUT"):
                answer = await edge.ask(method, path, headers=HEADERS)
                assert answer.headers.getall(STRICT) == ["max-age=31536000"], path

    run(scenario, **settings)


@pytest.mark.parametrize("settings", [{}, {"public_url": "http://api.example"}])
def test_no_answer_does_where_they_do_not(settings: dict[str, object]) -> None:
    async def scenario(edge: Served) -> None:
        for path in PATHS:
            answer = await edge.ask("GET", path, headers=HEADERS)
            assert STRICT not in answer.headers

    run(scenario, **settings)


def test_a_finder_of_a_hole_is_told_where_to_write() -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("GET", security_txt.PATH, headers={})
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        fields = dict(
            re.findall(r"^([A-Za-z-]+): (.+)$", answer.text.decode(), re.MULTILINE)
        )
        assert fields["Contact"] == CONTACT
        assert fields["Canonical"] == "https://api.example/.well-known/security.txt"
        left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
        assert 0 < left.days < 365

    run(scenario, public_url="https://api.example", security_contact=CONTACT)


def test_there_is_no_file_where_nobody_is_named() -> None:
    async def scenario(edge: Served) -> None:
        check_problem(
            await edge.ask("GET", security_txt.PATH, headers={}), 404, "not-found"
        )

    run(scenario)
