"""What an assistant, or whoever poses as one, can send that is not as it should be."""

import asyncio
from typing import Any

import orjson
import pytest

from tests.edge.mcp.assistant import call, error_code, head, post, say, told
from tests.edge.served import OnEdge, Served, run


def body(**changed: object) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "ping", **changed}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"[" * 1_000 + b"]" * 1_000,
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1' + b"0" * 5_000 + b',"method":"ping"}',
        b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}',
    ],
)
def test_what_is_not_json_is_a_parse_error(text: bytes, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        answer = await post(edge, text, head())
        expected = (400, -32600 if text in (b"", b"[" * 1_000) else -32700)
        assert (answer.status, error_code(answer)) == expected
        assert answer.json["id"] is None

    on_edge(scenario)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("ping", -32600),
        (1, -32600),
        (None, -32600),
        ({}, -32600),
        (body(jsonrpc="1.0"), -32600),
        (body(id=None), -32600),
        (body(id=1.0), -32600),
        (body(id=1.5), -32600),
        (body(id=True), -32600),
        (body(id=[1]), -32600),
        (body(id={}), -32600),
        (body(id=2**53), -32600),
        (body(id="x" * 257), -32600),
        (body(method=None), -32600),
        (body(method=["ping"]), -32600),
        (body(method=""), -32600),
        (body(method="x" * 129), -32600),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": ""}}, -32600),
        (body(params=[]), -32602),
        (body(params="x"), -32602),
        (body(params=None), -32602),
        (body(method="initialize"), -32602),
        (body(method="initialize", params={"protocolVersion": 1}), -32602),
        (body(method="tools/list", params={"cursor": "2"}), -32602),
        (body(method="tools/call"), -32602),
        (body(method="tools/call", params={"name": None}), -32602),
        (body(method="tools/call", params={"name": ["get_me"]}), -32602),
        (body(method="tools/call", params={"name": "no_such"}), -32602),
        (body(method="tools/call", params={"name": "create_token"}), -32602),
        (body(method="tools/call", params={"name": "get_me", "arguments": []}), -32602),
    ],
)
def test_what_is_no_good_message_is_refused(
    message: object, code: int, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await post(edge, message, head())
        assert error_code(answer) == code
        assert answer.status == (400 if code == -32600 else 200)

    on_edge(scenario)


@pytest.mark.parametrize("id", [0, -1, 2**53 - 1, "", "x" * 256, "\u0000é", "1"])
def test_an_id_comes_back_as_it_was(id: object, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        assert (await post(edge, body(id=id), head())).json["id"] == id

    on_edge(scenario)


@pytest.mark.parametrize(
    ("tool", "arguments", "faults"),
    [
        ("get_contact", {}, {"id": "required"}),
        ("get_contact", {"id": None}, {"id": "required"}),
        ("get_contact", {"id": ""}, {"id": "required"}),
        ("get_contact", {"id": 1}, {"id": "invalid_type"}),
        ("get_contact", {"id": ["con_1"]}, {"id": "invalid_type"}),
        ("get_contact", {"id": "con_1", "x": 1}, {"x": "unknown_field"}),
        ("get_me", {"business_id": "biz_2"}, {"business_id": "unknown_field"}),
        ("search_contacts", {"limit": 26}, {"limit": "too_large"}),
        ("search_contacts", {"limit": 26.0}, {"limit": "too_large"}),
        ("create_contact", {"idempotency_key": 1}, {"idempotency_key": "invalid_type"}),
        ("delete_contact", {"id": "con_1", "dry_run": 1}, {"dry_run": "invalid_type"}),
        ("get_contact", {"id": "con_1", "dry_run": True}, {"dry_run": "unknown_field"}),
        (
            "remove_contact_tag",
            {"id": 1, "y": 2},
            {"id": "invalid_type", "tag": "required", "y": "unknown_field"},
        ),
    ],
)
def test_arguments_that_no_request_could_bring_are_faults(
    tool: str, arguments: dict[str, Any], faults: dict[str, str], on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await call(edge, tool, arguments)
        assert answer.json["result"]["isError"] is True
        problem = told(answer)
        assert problem["status"] == 422
        assert {each["field"]: each["code"] for each in problem["errors"]} == faults
        assert edge.contacts.seen == []

    on_edge(scenario)


def test_what_stands_in_a_path_stays_in_it(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        strange = (
            "../contacts/%63on_1?x=1#\r\nauthorization: Bearer reader \u00e9\u0000"
        )
        assert told(await call(edge, "get_contact", {"id": strange}))["id"] == strange
        arguments = {"id": "con_1", "tag": "a/b%2Fc d"}
        await call(edge, "remove_contact_tag", arguments)
        assert edge.contacts.seen[-1][0].tag == "a/b%2Fc d"

    on_edge(scenario)


@pytest.mark.parametrize("key", ["a b", "é", "x" * 256, "a\r\nauthorization: Bearer x"])
def test_an_idempotency_key_has_its_form(key: str, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        arguments = {"email": "a@b.example", "idempotency_key": key}
        problem = told(await call(edge, "create_contact", arguments))
        assert (problem["status"], problem["next"]) == (
            400,
            "Correct the arguments, then call again.",
        )
        assert edge.contacts.seen == []

    on_edge(scenario)


@pytest.mark.parametrize(
    ("argument", "header", "is_dry"),
    [
        (True, None, True),
        (False, None, False),
        (None, None, False),
        (None, "true", True),
        (False, "true", True),  # nobody writes by an oversight
        (True, "false", True),
        (False, "false", False),
    ],
)
def test_a_dry_run_is_asked_for_by_an_argument_or_a_header(
    argument: bool | None, header: str | None, is_dry: bool, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        named = {} if argument is None else {"dry_run": argument}
        arguments = {"email": "a@b.example", "idempotency_key": "k", **named}
        params = {"name": "create_contact", "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
        more = {} if header is None else {"Dry-Run": header}
        answer = await post(edge, body, head() | more)
        _, metadata = edge.contacts.seen[-1]
        assert metadata["idempotency-key"] == "k"
        assert metadata.get("dry-run") == ("true" if is_dry else None)
        assert ("_meta" in answer.json["result"]) is is_dry

    on_edge(scenario)


def test_a_key_of_null_is_none(on_edge: OnEdge) -> None:
    """As hosts send what an assistant leaves out."""

    async def scenario(edge: Served) -> None:
        arguments = {"email": "a@b.example", "idempotency_key": None}
        await call(edge, "create_contact", arguments)
        _, metadata = edge.contacts.seen[-1]
        assert "idempotency-key" not in metadata

    on_edge(scenario)


def test_headers_of_the_request_are_not_those_of_the_call(on_edge: OnEdge) -> None:
    """A key or a condition there would hold for whatever is called."""

    async def scenario(edge: Served) -> None:
        headers = head(Idempotency_Key="again", If_Match='"1"', Version="2026-06-01")
        message = body(
            method="tools/call",
            params={"name": "create_contact", "arguments": {"email": "a@b.example"}},
        )
        assert (await post(edge, message, headers)).status == 200
        _, metadata = edge.contacts.seen[-1]
        assert "idempotency-key" not in metadata

    on_edge(scenario)


def test_deep_arguments_are_a_fault_and_no_more(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        deep: Any = 1
        for _ in range(200):
            deep = [deep]
        answer = await call(edge, "create_contact", {"custom_fields": {"a": deep}})
        assert told(answer)["status"] == 422
        answer = await call(edge, "search_contacts", {"filters": [{"not": deep}]})
        assert told(answer)["status"] == 422

    on_edge(scenario)


def test_a_thousand_faults_are_told_in_few_words() -> None:
    async def scenario(edge: Served) -> None:
        arguments = {f"{'x' * 900}{number}": 1 for number in range(1_000)}
        answer = await call(edge, "create_contact", arguments)
        problem = told(answer)
        assert len(problem["errors"]) == 20
        assert len(answer.text) < 64 * 1024

    run(scenario)


def test_one_token_is_one_budget() -> None:
    """Here and under `/v1`; a call that is refused can be read by the assistant."""

    async def scenario(edge: Served) -> None:
        assert (await say(edge, "ping", token="reader")).status == 200
        v1 = {"Authorization": "Bearer reader", "Version": "2026-06-01"}
        for _ in range(2):
            await edge.ask("GET", "/v1/contacts/con_1", headers=v1)
        answer = await say(edge, "tools/list", token="reader")
        assert (answer.status, error_code(answer)) == (429, -32010)
        assert answer.headers["X-RateLimit-Remaining"] == "0"
        called = await call(edge, "get_contact", {"id": "con_1"}, token="reader")
        problem = told(called)
        seconds = called.headers["Retry-After"]  # fewer than 4 on a busy machine
        assert (problem["status"], seconds in "1234") == (429, True)
        assert problem["next"].startswith(f"Wait {seconds} second")
        assert problem["next"].endswith(", then call again with the same arguments.")
        assert len(edge.contacts.seen) == 2
        large = {"id": "x" * (64 * 1024)}
        assert (await call(edge, "get_contact", large, token="reader")).status == 429

    run(scenario)


def test_a_client_that_goes_away_ends_its_call_which_is_not_counted() -> None:
    async def scenario(edge: Served) -> None:
        params = {"name": "get_contact", "arguments": {"id": "con_slow"}}
        text = orjson.dumps(body(method="tools/call", params=params))
        _, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(text), text)
        )
        await asyncio.wait_for(edge.contacts.begun.wait(), 60)
        writer.close()
        await asyncio.wait_for(edge.contacts.cancelled.wait(), 60)
        await call(edge, "get_contact", {"id": "con_1"})
        assert sum(edge.figures.operations["GetContact"].classes) == 1

    run(scenario)
