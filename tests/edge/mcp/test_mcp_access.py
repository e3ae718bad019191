"""Who may call which tool, and what a client is told that has to get a token first."""

from typing import Any

import pytest

from tests.edge.mcp.assistant import (
    REVISIONS,
    STATELESS,
    call,
    error_code,
    head,
    post,
    say,
    told,
)
from tests.edge.served import OnEdge, Served, run


async def names(edge: Served, token: str) -> set[str]:
    """The tools that are listed."""
    listed = await say(edge, "tools/list", token=token)
    return {tool["name"] for tool in listed.json["result"]["tools"]}


def test_only_what_may_be_called_is_listed() -> None:
    async def scenario(edge: Served) -> None:
        everyone = {
            *("get_me", "get_limits", "get_object_schema"),
            *("get_user", "search_users"),
            *("get_association", "search_associations"),
            *("read_association_history", "read_association_as_of"),
            *("get_job", "search_jobs", "wait_job"),
            *("get_merge", "search_merges"),
            *("aggregate_users", "aggregate_associations"),
            *("aggregate_jobs", "aggregate_merges"),
            *("aggregate_imports", "aggregate_exports"),
            *("get_import", "search_imports", "search_import_rows"),
            *("get_export", "search_exports", "get_import_errors"),
        }
        reads = everyone | {
            "get_export_file",
            *("get_contact", "search_contacts", "aggregate_contacts"),
            *("read_contact_history", "read_contact_as_of"),
            *("find_contact_duplicates", "list_contact_duplicates"),
        }
        assert await names(edge, "reader") == reads  # by its scopes
        assert await names(edge, "role") == reads  # by the user's role
        assert await names(edge, "good") == reads | {
            # Which permission these take depends on the records that they connect.
            *("create_association", "update_association", "delete_association"),
            *("restore_association", "batch"),
            *(
                "create_import",
                "write_import_content",
                "write_import_part",
                "start_import",
                "cancel_import",
                "undo_import",
                "cancel_job",
                "create_export",
            ),
            "create_contact",
            "update_contact",
            "delete_contact",
            "restore_contact",
            "upsert_contact",
            "add_contact_tags",
            "remove_contact_tag",
            *("merge_contact", "unmerge_contact"),
        }

    run(scenario)


@pytest.mark.parametrize(
    ("authorization", "error"),
    [(None, ""), ("Bearer bad", "invalid_token"), ("Basic Z29vZDo=", "")],
)
@pytest.mark.parametrize("revision", REVISIONS)
def test_without_a_good_token_there_is_a_401_that_leads_on(
    revision: str, authorization: str | None, error: str
) -> None:
    async def scenario(edge: Served) -> None:
        headers = head(revision)
        del headers["Authorization"]
        if authorization:
            headers["Authorization"] = authorization
        answer = await post(edge, b"not even JSON", headers)
        assert (answer.status, error_code(answer)) == (401, -32010)
        challenge = answer.headers["WWW-Authenticate"]
        address = "https://api.example/.well-known/oauth-protected-resource/mcp"
        assert challenge.startswith("Bearer ")
        assert f'resource_metadata="{address}"' in challenge
        assert ('error="invalid_token"' in challenge) == bool(error)
        metadata = await edge.ask("GET", address.removeprefix("https://api.example"))
        assert metadata.json["resource"] == "https://api.example/mcp"

    run(scenario, public_url="https://api.example")


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_scope_that_lacks_is_a_403_so_that_the_client_asks_for_it(
    revision: str,
) -> None:
    async def scenario(edge: Served) -> None:
        answer = await call(edge, "delete_contact", {"id": "con_1"}, revision, "reader")
        assert (answer.status, error_code(answer)) == (403, -32010)
        assert answer.json["id"] == 7
        challenge = answer.headers["WWW-Authenticate"]
        assert 'error="insufficient_scope", scope="contact.delete"' in challenge
        assert answer.json["error"]["data"]["required"] == "contact.delete"
        assert edge.contacts.seen == []

    run(scenario)


def test_what_the_role_denies_is_told_to_the_assistant(on_edge: OnEdge) -> None:
    """No token helps; and the arguments are not even looked at."""

    async def scenario(edge: Served) -> None:
        answer = await call(edge, "delete_contact", {"x": 1}, token="role")
        problem = told(answer)
        assert answer.json["result"]["isError"] is True
        assert (problem["status"], problem["refused_by"]) == (403, "role")
        assert problem["next"] == (
            "The user's role does not allow this. "
            "Tell the user. Calling again changes nothing."
        )

    on_edge(scenario)


def test_a_call_is_the_one_that_v1_would_make(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        trace = f"00-{'a' * 32}-{'b' * 16}-01"
        message: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        fields = {"first_name": "Ann", "email": "a@b.example"}
        message["params"] = {
            "name": "create_contact",
            "arguments": {**fields, "idempotency_key": "again"},
        }
        answer = await post(edge, message, head(traceparent=trace))
        v1 = head(traceparent=trace, Idempotency_Key="again", Version="2026-11-01")
        made = await edge.ask("POST", "/v1/contacts", json=fields, headers=v1)
        assert told(answer) == made.json
        assert answer.headers["X-Trace-Id"] == "a" * 32
        (tool, tools_metadata), (rest, v1_metadata) = edge.contacts.seen
        assert tool == rest
        for name in ("authorization", "idempotency-key"):
            assert tools_metadata[name] == v1_metadata[name]
        assert tools_metadata["traceparent"][:36] == trace[:36]

    on_edge(scenario)


def test_all_faults_are_told_at_once_with_what_to_do(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        arguments = {"email": "bad", "phone": 1, "nme": "x"}
        problem = told(await call(edge, "create_contact", arguments, STATELESS))
        assert {each["field"]: each["code"] for each in problem["errors"]} == {
            "phone": "invalid_type",
            "nme": "unknown_field",
            "email": "required",
        }
        assert problem["next"].startswith("Correct the arguments")
        missing = told(await call(edge, "get_contact", {"id": "con_none"}))
        assert (missing["status"], missing["trace_id"]) == (404, missing["trace_id"])
        assert "search tool" in missing["next"]

    on_edge(scenario)


def test_searches_give_ten_unless_they_are_told(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        for given, limit in (({}, 10), ({"limit": None}, 10), ({"limit": 25}, 25)):
            await call(edge, "search_contacts", given)
            assert edge.contacts.seen[-1][0].limit == limit
        page = told(await call(edge, "search_contacts", {"include_total": True}))
        assert page["meta"]["total"] == 3

    on_edge(scenario)


def test_a_deletion_says_that_it_is_done(on_edge: OnEdge) -> None:
    async def scenario(edge: Served) -> None:
        its = {"id": "con_1"}
        first = told(await call(edge, "delete_contact", its))
        its["confirmation"] = first["confirmation"]
        done = await call(edge, "delete_contact", its)
        assert told(done) == {"deleted": True}

    on_edge(scenario)


def test_a_call_has_the_deadline_of_every_request() -> None:
    async def scenario(edge: Served) -> None:
        problem = told(await call(edge, "get_contact", {"id": "con_slow"}))
        assert problem["status"] == 504

    run(scenario, request_deadline_seconds=3)
