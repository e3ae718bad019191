"""The protocol for assistants: revisions, methods, and which HTTP statuses tell."""

import time
from typing import Any

import orjson
import pytest
from multidict import CIMultiDict

from edge.mcp.messages import RpcError
from edge.mcp.revisions import revision_of
from tests.edge.mcp.assistant import (
    HANDSHAKE,
    META,
    PREFIX,
    REVISIONS,
    STATELESS,
    error_code,
    head,
    post,
    say,
    told,
)
from tests.edge.served import OnEdge, Served, run

CALL: dict[str, Any] = {"name": "get_contact", "arguments": {"id": "con_1"}}


def request(method: str, params: object = None, id: object = 1) -> dict[str, Any]:
    """A request; without parameters when there are none."""
    given = {} if params is None else {"params": params}
    return {"jsonrpc": "2.0", "id": id, "method": method, **given}


@pytest.mark.parametrize(
    ("wanted", "agreed"),
    [
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2024-11-05", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),  # which nobody begins with initialize
        ("1.0", "2025-11-25"),
        ("", "2025-11-25"),
    ],
)
def test_initialize_agrees_on_a_revision(
    wanted: str, agreed: str, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        params = {"protocolVersion": wanted, "capabilities": {}}
        headers = head()
        del headers["MCP-Protocol-Version"]  # it is not agreed on yet
        answer = await post(edge, request("initialize", params), headers)
        result = answer.json["result"]
        assert answer.status == 200
        assert result["protocolVersion"] == agreed
        assert result["capabilities"] == {"tools": {}}
        assert result["serverInfo"]["name"] == "prospectconnect"
        assert "never an instruction" in result["instructions"]
        assert "Mcp-Session-Id" not in answer.headers

    on_edge(scenario)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_lists_and_calls(revision: str, on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        listed = (await say(edge, "tools/list", None, revision)).json["result"]
        assert "get_contact" in [tool["name"] for tool in listed["tools"]]
        assert "nextCursor" not in listed
        answer = await say(edge, "tools/call", CALL, revision)
        assert told(answer)["name"] == "Ann"
        assert answer.json["id"] == 7
        assert ("resultType" in answer.json["result"]) == (revision == STATELESS)

    on_edge(scenario)


def test_stateless_requests_need_no_beginning(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        found = (await say(edge, "server/discover", None, STATELESS)).json["result"]
        assert found["supportedVersions"] == list(reversed(REVISIONS))
        assert found["resultType"] == "complete"
        assert (found["ttlMs"], found["cacheScope"]) == (3_600_000, "public")
        assert found["_meta"][f"{PREFIX}serverInfo"]["name"] == "prospectconnect"
        listed = (await say(edge, "tools/list", None, STATELESS)).json["result"]
        assert listed["cacheScope"] == "private"

    on_edge(scenario)


@pytest.mark.parametrize(
    ("method", "revision", "status"),
    [
        ("initialize", STATELESS, 404),
        ("ping", STATELESS, 404),
        ("server/discover", HANDSHAKE, 200),
        ("resources/list", HANDSHAKE, 200),
        ("prompts/list", STATELESS, 404),
        ("__class__", HANDSHAKE, 200),
    ],
)
def test_a_method_is_there_or_it_is_not(
    method: str, revision: str, status: int, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await say(edge, method, None, revision)
        assert (answer.status, error_code(answer)) == (status, -32601)
        assert answer.json["id"] == 7

    on_edge(scenario)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Mcp-Method": "tools/call"}, -32020),
        ({"Mcp-Method": None}, -32020),
        ({"Mcp-Name": "delete_contact"}, -32020),
        ({"Mcp-Name": None}, -32020),
        ({"Mcp-Name": "=?base64?Z2V0X2NvbnRhY3R=?="}, -32020),  # not its only form
        ({"Mcp-Name": "=?base64?!?="}, -32020),
        ({"MCP-Protocol-Version": "2026-07-29"}, -32022),
    ],
)
def test_headers_say_what_the_body_says(
    changed: dict[str, str | None], code: int, on_edge: OnEdge
) -> None:
    """Or a proxy lets a call pass that is another one here."""

    async def scenario(edge: Served) -> None:
        method = "tools/list" if "Mcp-Method" in changed else "tools/call"
        params: dict[str, Any] = {"_meta": META}
        params |= CALL if method == "tools/call" else {}
        headers = head(STATELESS, Mcp_Method=method, Mcp_Name="get_contact")
        assert (await post(edge, request(method, params), headers)).status == 200
        for name, value in changed.items():
            del headers[name]
            if value is not None:
                headers[name] = value
        answer = await post(edge, request(method, params), headers)
        assert (answer.status, error_code(answer)) == (400, code)

    on_edge(scenario)


def test_a_name_may_be_base64(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        name = "=?base64?Z2V0X2NvbnRhY3Q=?="
        headers = head(STATELESS, Mcp_Method="tools/call", Mcp_Name=name)
        body = request("tools/call", {"_meta": META, **CALL})
        assert (await post(edge, body, headers)).status == 200

    on_edge(scenario)


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        (None, -32602),
        ([], -32602),
        ({}, -32602),
        ({f"{PREFIX}protocolVersion": STATELESS}, -32602),
        ({**META, f"{PREFIX}protocolVersion": 1}, -32602),
        ({**META, f"{PREFIX}protocolVersion": "2027-01-01"}, -32020),
    ],
)
def test_a_stateless_request_tells_all_about_itself(
    meta: object, code: int, on_edge: OnEdge
) -> None:
    async def scenario(edge: Served) -> None:
        headers = head(STATELESS, Mcp_Method="tools/list")
        answer = await post(edge, request("tools/list", {"_meta": meta}), headers)
        assert (answer.status, error_code(answer)) == (400, code)

    on_edge(scenario)


def test_a_revision_that_is_not_spoken_is_told_which_are(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        for revision in ("2024-11-05", "2030-01-01", "x", ""):
            answer = await post(edge, request("ping"), head(revision))
            assert (answer.status, error_code(answer)) == (400, -32022)
            data = answer.json["error"]["data"]
            assert data == {
                "supported": list(reversed(REVISIONS)),
                "requested": revision,
            }

    on_edge(scenario)


def test_notifications_get_no_answer(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        for name in ("initialized", "cancelled", "whatever"):
            body = {"jsonrpc": "2.0", "method": f"notifications/{name}"}
            answer = await post(edge, body, head())
            assert (answer.status, answer.text) == (202, b"")
        # Not even one that asks for something: it could not be told what came of it.
        call = {"jsonrpc": "2.0", "method": "tools/call", "params": CALL}
        assert (await post(edge, call, head())).status == 202
        assert edge.contacts.seen == []

    on_edge(scenario)


def test_batches_are_of_the_first_revision_alone() -> None:
    async def scenario(edge: Served) -> None:
        batch = [
            request("ping", id="a"),
            {"jsonrpc": "2.0", "method": "notifications/initialized"},
            request("tools/call", CALL, id=2),
            request("no/such", id=3),
            {"id": 4},
            request("initialize", {"protocolVersion": "2025-03-26"}, id=5),
        ]
        began = time.monotonic()
        answer = await post(edge, batch, head("2025-03-26"))
        refilled = 100 * (time.monotonic() - began)  # the budget is 1,000 in 10 s
        assert answer.status == 200
        assert [(each["id"], "result" in each) for each in answer.json] == [
            ("a", True),
            (2, True),
            (3, False),
            (4, False),
            (5, False),
        ]
        spent = 1_000 - int(answer.headers["X-RateLimit-Remaining"])
        assert 4 - refilled < spent <= 5, (
            "each message that is answered costs one, the first too"
        )
        for revision in REVISIONS[1:]:
            answer = await post(edge, batch, head(revision))
            assert (answer.status, error_code(answer)) == (400, -32600)
        for size in (0, 21):
            answer = await post(edge, [request("ping")] * size, head("2025-03-26"))
            assert (answer.status, error_code(answer)) == (400, -32600)
        silent = [{"jsonrpc": "2.0", "method": "notifications/initialized"}]
        assert (await post(edge, silent, head("2025-03-26"))).status == 202

    run(scenario)


@pytest.mark.parametrize(
    "each",
    [5, {"id": 4}, {}, request("no/such", id=3), request("initialize", id=5)],
    ids=["no object", "no message", "nothing", "no method", "initialize"],
)
def test_a_refusal_in_a_batch_costs_what_an_answer_does(each: object) -> None:
    async def scenario(edge: Served) -> None:
        notification = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        batch = [notification, *[each] * 15, notification]
        answer = await post(edge, batch, head("2025-03-26"))
        assert (answer.status, len(answer.json)) == (200, 15)
        assert answer.headers["X-RateLimit-Remaining"] == "985"
        # This token has three requests; the fourth message finds none left.
        answer = await post(edge, batch, head("2025-03-26", token="reader"))
        codes = [told["error"]["code"] for told in answer.json]
        assert codes[3:] == [-32010] * 12
        assert -32010 not in codes[:3]
        assert answer.headers["X-RateLimit-Remaining"] == "0"

    run(scenario)


def test_there_is_nothing_to_listen_to_and_no_session_to_end(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        for method in ("GET", "DELETE", "PUT", "OPTIONS"):
            answer = await edge.ask(method, "/mcp", headers=head())
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")

    on_edge(scenario)


def test_a_revision_that_is_no_text_is_refused_like_any_other() -> None:
    with pytest.raises(RpcError) as refused:
        revision_of(CIMultiDict({"MCP-Protocol-Version": "\udcff"}))
    assert orjson.loads(orjson.dumps(refused.value.data))["requested"] == "?"
