"""Destructive tools: what they would do, and then what they do."""

from typing import Any

import orjson
import pytest

from edge.mcp.confirming import Asking
from tests.edge.mcp.assistant import ANYONE, call, head, post, told
from tests.edge.mcp.test_mcp_tools import TOOLS
from tests.edge.served import OnEdge, Served

DELETE, ITS = "delete_contact", {"id": "con_1"}


def metadata(edge: Served) -> list[tuple[str, bool, str]]:
    """What reached the services: the request, whether it was dry, its condition."""
    return [
        (type(request).__name__, "dry-run" in sent, getattr(request, "etag", ""))
        for request, sent in edge.contacts.seen
    ]


def test_at_first_it_tells_what_it_would_do(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        answer = await call(edge, DELETE, ITS)
        first = told(answer)
        assert first["done"] is False
        assert first["would"].startswith("Nothing has been done.")
        assert "Delete a contact" in first["would"]
        assert first["record"].items() >= {"id": "con_1", "name": "Ann"}.items()
        assert f"call {DELETE} again" in first["next"]
        assert answer.json["result"]["_meta"] == {"dry-run": True}
        assert "isError" not in answer.json["result"]
        assert metadata(edge) == [
            ("GetContactRequest", False, ""),
            ("DeleteContactRequest", True, ""),
        ]

    on_edge(scenario)


def test_it_is_done_on_the_condition_that_nothing_has_changed(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        first = told(await call(edge, DELETE, ITS))
        edge.contacts.seen.clear()
        its = {**ITS, "confirmation": first["confirmation"]}
        assert told(await call(edge, DELETE, its)) == {"deleted": True}
        assert metadata(edge)[-1] == ("DeleteContactRequest", False, "7")

    on_edge(scenario)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (DELETE, {"id": "con_2"}),
        ("remove_contact_tag", {"id": "con_1", "tag": "x"}),
        (DELETE, {"id": "con_1", "dry_run": False}),
    ],
)
def test_another_call_is_not_confirmed(
    on_edge: OnEdge, tool: str, arguments: dict[str, Any]
) -> None:
    async def scenario(edge: Served) -> None:
        first = told(await call(edge, DELETE, ITS))
        its = {**arguments, "confirmation": first["confirmation"]}
        answer = await call(edge, tool, its)
        assert answer.json["result"]["isError"] is True
        assert [each["field"] for each in told(answer)["errors"]] == ["confirmation"]

    on_edge(scenario)


@pytest.mark.parametrize("given", [1, "", [], {}, True])
def test_a_confirmation_is_a_text(on_edge: OnEdge, given: Any) -> None:
    async def scenario(edge: Served) -> None:
        problem = told(await call(edge, DELETE, {**ITS, "confirmation": given}))
        (fault,) = problem["errors"]
        assert (fault["field"], fault["code"]) == ("confirmation", "invalid_type")
        assert not edge.contacts.seen

    on_edge(scenario)


def test_a_dry_run_needs_none(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        would = {"would_delete": True, "dry_run": True}
        assert told(await call(edge, DELETE, {**ITS, "dry_run": True})) == would
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        body = {**message, "params": {"name": DELETE, "arguments": ITS}}
        answer = await post(edge, body, head(Dry_Run="true"))
        assert told(answer) == would
        assert {each for _, each, _ in metadata(edge)} == {True}

    on_edge(scenario)


def test_other_tools_know_no_confirmation(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        its = {"email": "a@b.example", "confirmation": "x"}
        problem = told(await call(edge, "create_contact", its))
        assert problem["errors"][0]["code"] == "unknown_field"

    on_edge(scenario)


def test_what_cannot_be_done_gets_no_confirmation(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        answer = await call(edge, DELETE, {"id": "con_1", "etag": 1})
        assert told(answer)["status"] == 422
        assert "confirmation" not in orjson.dumps(answer.json).decode()

    on_edge(scenario)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": {"b": 1}}, {"a": [["b", 1]]}),
        ({"a": None}, {}),
        ({"a": "x', 'b': 'y"}, {"a": "x", "b": "y"}),
    ],
)
def test_arguments_that_differ_are_another_call(one: Any, other: Any) -> None:
    tool: Any = TOOLS[DELETE]
    nothing: Any = None
    first, second = (Asking(nothing, nothing, tool, each) for each in (one, other))
    assert first.digest != second.digest


def test_the_order_of_arguments_is_no_difference() -> None:
    tool: Any = TOOLS[DELETE]
    nothing: Any = None
    one = {"a": {"x": 1, "y": [1]}, "b": 2, "confirmation": "z"}
    other = {"b": 2, "a": {"y": [1], "x": 1}}
    first, second = (Asking(nothing, nothing, tool, each) for each in (one, other))
    assert first.digest == second.digest


async def listed(edge: Served, query: str) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    data = orjson.dumps(body)
    return await edge.ask("POST", f"/mcp{query}", data=data, headers=head(token=ANYONE))


def test_an_address_may_choose_tools(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        for query in ("?tools=contacts,merges", "?tools=contacts%2Cmerges"):
            answer = await listed(edge, query)
            names = {each["name"] for each in answer.json["result"]["tools"]}
            assert {"get_contact", "search_merges", "get_me"} <= names
            assert "search_users" not in names
        body = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "search_users", "arguments": {}},
        }
        data = orjson.dumps(body)
        path = "/mcp?tools=contacts"
        answer = await edge.ask("POST", path, data=data, headers=head())
        assert answer.json["error"]["code"] == -32602

    on_edge(scenario)


@pytest.mark.parametrize(
    "query",
    [
        *("?tools=", "?tools=dreams", "?tools=contacts,", "?tools=a&tools=b"),
        *("?tool=contacts", "?tools=Contacts", "?tools=contacts&x=1", "?tools=%00"),
        "?tools=" + ",".join(["contacts"] * 65),
    ],
)
def test_a_choice_that_is_none_is_refused(on_edge: OnEdge, query: str) -> None:
    async def scenario(edge: Served) -> None:
        answer = await listed(edge, query)
        assert answer.status == 400
        assert answer.json["error"]["data"]["status"] == 400

    on_edge(scenario)


@pytest.mark.parametrize("depth", [200, 900])
def test_what_nests_too_deep_is_refused(on_edge: OnEdge, depth: int) -> None:
    async def scenario(edge: Served) -> None:
        deep = "[" * depth + "]" * depth
        one = f'{{"method":"delete","path":"/v1/contacts/con_1","body":{deep}}}'
        params = f'{{"name":"batch","arguments":{{"operations":[{one}]}}}}'
        body = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}'
        answer = await post(edge, body.encode(), head())
        assert told(answer)["status"] < 500
        assert not edge.contacts.seen

    on_edge(scenario)
