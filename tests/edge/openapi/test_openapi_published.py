"""The documents on the edge: whole, at its own address, and not sent twice."""

import gzip
from typing import Any

import orjson
import pytest

from edge.openapi import files
from tests.edge.served import Served, check_problem, run

VERSIONS = files.versions()


def at(address: str, document: Any) -> Any:
    """A committed document, as an edge at an address gives it."""
    document["servers"] = [{"url": address}]
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]
    for name in ("authorizationUrl", "tokenUrl", "refreshUrl"):
        flow["authorizationCode"][name] = address + flow["authorizationCode"][name]
    return document


@pytest.mark.parametrize(
    ("path", "version"),
    [("/openapi.json", VERSIONS[-1])] + [(f"/openapi/{v}.json", v) for v in VERSIONS],
)
def test_a_document_is_the_file_at_the_edges_own_address(
    path: str, version: str
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("GET", path, headers={})
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/json"
        expected = orjson.loads(files.read(version))
        assert answer.json == at(f"http://127.0.0.1:{edge.port}", expected)

    run(scenario)


def test_it_is_where_the_settings_say_that_the_edge_is() -> None:
    async def scenario(edge: Served) -> None:
        for host in ("api.example.com", "elsewhere.example"):
            answer = await edge.ask("GET", "/openapi.json", headers={"Host": host})
            assert answer.json["servers"] == [{"url": "https://api.example.com"}]

    run(scenario, public_url="https://api.example.com/")


def test_many_addresses_that_somebody_makes_up_are_answered_each() -> None:
    async def scenario(edge: Served) -> None:
        for number in range(20):
            host = f"host{number}.example"
            answer = await edge.ask("GET", "/openapi.json", headers={"Host": host})
            assert answer.json["servers"] == [{"url": f"http://{host}"}]

    run(scenario)


def test_it_is_sent_once_and_compressed_to_whoever_takes_that() -> None:
    async def scenario(edge: Served) -> None:
        plain = await edge.ask(
            "GET", "/openapi.json", headers={"Accept-Encoding": "identity"}
        )
        assert "Content-Encoding" not in plain.headers
        takes = {"Accept-Encoding": "gzip"}
        packed = await edge.ask("GET", "/openapi.json", headers=takes)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.text == plain.text  # the client has unpacked it
        assert int(packed.headers["Content-Length"]) < len(plain.text) / 8
        assert len(gzip.compress(plain.text)) < len(plain.text) / 8
        for answer in (plain, packed):
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert "max-age" in answer.headers["Cache-Control"]
        assert plain.headers["ETag"] != packed.headers["ETag"]
        again = {**takes, "If-None-Match": packed.headers["ETag"]}
        known = await edge.ask("GET", "/openapi.json", headers=again)
        assert (known.status, known.text) == (304, b"")

    run(scenario)


def test_scripts_of_other_sites_may_read_it() -> None:
    async def scenario(edge: Served) -> None:
        answer = await edge.ask("GET", "/openapi.json", headers={})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        asked = await edge.ask("OPTIONS", "/openapi.json", headers={})
        assert "GET" in asked.headers["Access-Control-Allow-Methods"]

    run(scenario)


def test_what_is_not_there_is_a_problem() -> None:
    async def scenario(edge: Served) -> None:
        for name in ("2020-01-01.json", "2026-11-01", "examples.json", "..%2fx.json"):
            answer = await edge.ask("GET", f"/openapi/{name}", headers={})
            assert answer.status == 404
            assert answer.headers["Content-Type"] == "application/problem+json"
        answer = await edge.ask("POST", "/openapi.json", headers={})
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, OPTIONS"

    run(scenario)


def test_a_path_of_its_own_takes_its_own_methods_alone() -> None:
    """`/v1/contacts/search` is no contact, though a contact's path looks like it."""

    async def scenario(edge: Served) -> None:
        answer = await edge.ask("PUT", "/v1/contacts/search")
        check_problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == "POST"
        answer = await edge.ask("PUT", "/v1/contacts/con_1")
        assert answer.headers["Allow"] == "DELETE, GET, PATCH"

    run(scenario)
