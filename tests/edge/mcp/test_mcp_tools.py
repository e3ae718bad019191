"""Tools as assistants are told of them: all of the API's operations, in few words."""

from typing import Any

import jsonschema_rs
import orjson
import pytest

from edge.mcp.tools import Tool, tool_name, tools_of
from edge.openapi import files
from tests.edge.operations import OPERATIONS
from tests.edge.some_callers import a_caller

DOCUMENT = orjson.loads(files.read(files.versions()[-1]))
TOOLS = tools_of(OPERATIONS.values(), DOCUMENT)
LISTED: dict[str, Any] = {
    name: orjson.loads(orjson.dumps(tool.listed)) for name, tool in TOOLS.items()
}


def schema(tool: str) -> Any:
    return LISTED[tool]["inputSchema"]


def test_each_operation_is_a_tool_but_streams_and_those_on_tokens() -> None:
    named = {tool_name(each.route) for each in OPERATIONS.values()}
    missing = {"get_token", "search_tokens", "create_token", "revoke_token"}
    # An assistant waits for the end of an answer; it reads pages.
    missing.add("watch_changes")
    # One tool sends batches, of records of any types.
    missing |= {each for each in named if each.startswith("batch_")}
    assert TOOLS.keys() == named - missing
    assert "batch" in TOOLS
    assert {"add_contact_tags", "move_deal", "get_me", "search_users"} <= TOOLS.keys()


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_told_of_well(name: str) -> None:
    tool = LISTED[name]
    assert tool["name"] == name
    assert tool["title"]
    assert tool["description"].endswith(".")
    jsonschema_rs.Draft202012Validator(tool["inputSchema"])  # it is a schema
    assert tool["inputSchema"]["type"] == "object"
    # What hosts of assistants refuse at the top of a schema.
    assert not tool["inputSchema"].keys() & {"oneOf", "anyOf", "allOf", "not", "$ref"}
    text = orjson.dumps(tool)
    assert b"#/components/" not in text
    assert b"Idempotency-Key" not in text
    assert len(text) < 5_000, "an assistant reads all of it each time"


def test_all_tools_together_are_few_words() -> None:
    assert sum(len(orjson.dumps(tool)) for tool in LISTED.values()) < 1_800 * len(TOOLS)


def test_what_a_schema_refers_to_is_in_it() -> None:
    found = orjson.dumps(schema("create_contact")).decode()
    assert '"$ref":"#/$defs/LifecycleStage"' in found
    assert schema("create_contact")["$defs"].keys() == {"LifecycleStage"}
    assert "$defs" not in schema("get_contact")


def test_path_and_body_lie_side_by_side() -> None:
    moved = schema("move_deal")
    assert moved["properties"].keys() == {
        "id",
        "stage_id",
        "lost_reason",
        "idempotency_key",
        "dry_run",
    }
    assert moved["required"] == ["id", "stage_id"]
    assert "idempotency_key" not in schema("update_contact")["properties"]
    assert schema("remove_contact_tag")["required"] == ["id", "tag"]


@pytest.mark.parametrize("name", TOOLS)
def test_whatever_writes_can_be_tried_by_a_dry_run(name: str) -> None:
    argument = schema(name)["properties"].get("dry_run")
    route = TOOLS[name].operation.route
    # What an upload sends belongs to a dry run, or does not: its import says so.
    if route.only_reads or route.is_upload:
        assert argument is None
    else:
        assert argument["type"] in ("boolean", ["boolean", "null"])


def test_an_upload_takes_a_text_and_a_download_a_place_in_it() -> None:
    sent = schema("write_import_part")
    assert sent["properties"].keys() == {"id", "number", "content"}
    assert sent["required"] == ["id", "number", "content"]
    read = schema("get_export_file")
    assert read["properties"].keys() == {"id", "number", "offset", "length"}
    assert read["required"] == ["id", "number"]
    for name in ("write_import_content", "get_export_file", "get_import_errors"):
        assert "HTTP" not in LISTED[name]["description"]


def test_an_import_tells_to_make_a_dry_run_first() -> None:
    assert "First make a dry run" in LISTED["create_import"]["description"]
    about = schema("create_import")["properties"]["dry_run"]["description"]
    assert "nothing is written" in about
    assert "Make such a dry run first" in about


def test_a_search_is_for_few_records_by_plain_filters() -> None:
    found = schema("search_deals")["properties"]
    assert (found["limit"]["default"], found["limit"]["maximum"]) == (10, 25)
    filters = found["filters"]
    assert "- value: eq neq in not_in gt" in filters["description"]
    assert "one of open won lost" in filters["description"]
    assert "custom_fields.<key>" in filters["description"]
    assert (
        "external_ids.<key>, associations.<key>: is_empty is_not_empty; no value"
        in (filters["description"])
    )
    good = [{"not": {"field": "name", "operator": "eq", "value": "x"}}]
    judge = jsonschema_rs.Draft202012Validator(schema("search_deals"))
    assert judge.is_valid({"filters": good})
    assert not judge.is_valid({"filters": [{"fild": "x"}]})


def test_the_document_stays_as_it_is() -> None:
    assert orjson.loads(files.read(files.versions()[-1])) == DOCUMENT


@pytest.mark.parametrize(
    ("name", "reads", "destroys", "repeatable"),
    [
        ("get_contact", True, None, None),
        ("search_contacts", True, None, None),
        ("create_contact", False, False, False),
        ("update_contact", False, True, True),
        ("upsert_contact", False, True, True),
        ("delete_contact", False, True, True),
        ("add_contact_tags", False, False, True),
        ("remove_contact_tag", False, True, True),
        ("move_deal", False, False, True),
        ("batch", False, True, True),
        ("wait_job", True, None, None),
        ("cancel_job", False, True, True),
        ("cancel_import", False, True, True),
        ("create_import", False, False, False),
        ("write_import_content", False, True, True),
        ("write_import_part", False, True, True),
        ("start_import", False, True, True),
        ("create_export", False, False, False),
        ("get_export_file", True, None, None),
        ("get_import_errors", True, None, None),
        ("get_me", True, None, None),
    ],
)
def test_hints_tell_what_a_call_does(
    name: str, reads: bool, destroys: bool | None, repeatable: bool | None
) -> None:
    hints = LISTED[name]["annotations"]
    assert hints["readOnlyHint"] == reads
    assert hints.get("destructiveHint") == destroys
    assert hints.get("idempotentHint") == repeatable
    assert hints["openWorldHint"] is False


def test_scope_and_role_must_both_grant_a_tool() -> None:
    """The caller's scopes grant deal.write, which the role does not."""

    def is_open(name: str) -> bool:
        tool: Tool = TOOLS[name]
        return tool.is_open_to(a_caller())

    assert is_open("get_contact")
    assert not is_open("move_deal")  # by the role
    assert not is_open("create_contact")  # by the scopes
    assert is_open("get_me")


def test_an_operation_that_is_not_documented_stops_the_edge() -> None:
    with pytest.raises(KeyError):
        tools_of(OPERATIONS.values(), {**DOCUMENT, "paths": {}})
