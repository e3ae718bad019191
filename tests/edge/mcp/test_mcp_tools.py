"""Tools as assistants are told of them: all of the API's operations, in few words."""

from typing import Any

import jsonschema_rs
import orjson
import pytest

from edge.mcp.tools import Tool, choose, tool_name, tools_of
from edge.openapi import files
from edge.problems import ProblemError
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
    assert sum(len(orjson.dumps(tool)) for tool in LISTED.values()) < 900 * len(TOOLS)


def test_what_a_schema_refers_to_is_in_it() -> None:
    found = orjson.dumps(schema("create_field")).decode()
    assert '"$ref":"#/$defs/FieldOptionBody"' in found
    assert schema("create_field")["$defs"].keys() == {"FieldOptionBody"}
    assert "$defs" not in schema("get_contact")


def test_choices_are_told_where_they_are_made() -> None:
    stage = schema("create_contact")["properties"]["lifecycle_stage"]
    assert stage["enum"][:2] == ["subscriber", "lead"]
    assert "$defs" not in schema("create_contact")


def test_null_is_taken_where_it_says_something() -> None:
    """An update clears by it. Left out of a create it would be the same."""

    def takes_null(tool: str, argument: str) -> bool:
        told = schema(tool)["properties"][argument]
        return bool(jsonschema_rs.Draft202012Validator(told).is_valid(None))

    assert takes_null("update_contact", "job_title")
    assert takes_null("upsert_contact", "lifecycle_stage")
    assert takes_null("create_contact", "owner_id")  # then nobody is the owner
    assert not takes_null("create_contact", "job_title")
    assert not takes_null("search_contacts", "search_text")


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
    assert found["limit"]["maximum"] == 25
    filters = found["filters"]
    assert "\n- value: range; number\n" in filters["description"]
    assert "; range = exact gt gte lt lte between;" in filters["description"]
    assert "exact = eq neq in not_in;" in filters["description"]
    assert "status: exact; one of open won lost" in filters["description"]
    keyed = "- custom_fields.<key>, external_ids.<key>, associations.<key>: as"
    assert keyed in filters["description"]
    good = [{"not": {"field": "name", "operator": "eq", "value": "x"}}]
    judge = jsonschema_rs.Draft202012Validator(schema("search_deals"))
    assert judge.is_valid({"filters": good})
    assert not judge.is_valid({"filters": ["x"]})


def test_the_document_stays_as_it_is() -> None:
    assert orjson.loads(files.read(files.versions()[-1])) == DOCUMENT


@pytest.mark.parametrize(
    ("name", "reads", "destroys", "repeatable"),
    [
        ("get_contact", True, None, None),
        ("search_contacts", True, None, None),
        ("create_contact", False, False, False),
        ("update_contact", False, False, True),
        ("upsert_contact", False, False, True),
        ("delete_contact", False, True, True),
        ("add_contact_tags", False, False, True),
        ("remove_contact_tag", False, True, True),
        ("merge_contact", False, True, True),
        ("erase_contact", False, True, True),
        ("move_deal", False, False, True),
        ("confirm_booking", False, False, True),
        ("reschedule_booking", False, False, True),
        ("cancel_booking", False, True, True),
        ("decline_booking", False, True, True),
        ("mark_booking_no_show", False, True, True),
        ("batch", False, True, True),
        ("wait_job", True, None, None),
        ("cancel_job", False, True, True),
        ("cancel_import", False, True, True),
        ("create_import", False, True, False),
        ("undo_import", False, True, True),
        ("write_import_content", False, False, True),
        ("write_import_part", False, False, True),
        ("start_import", False, False, True),
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


# What the names of tools begin with that write and take nothing away.
HARMLESS = frozenset(
    {
        *("add", "complete", "confirm", "create", "mark", "move", "pin", "plant"),
        *("redeliver", "reopen", "replay", "reschedule"),
        *("restore", "start", "test", "unmerge", "unpin", "update", "upsert"),
        *("verify", "write"),
    }
)


def test_each_new_verb_is_either_harmless_or_destructive() -> None:
    """A verb that is neither has to be put into one of the lists."""
    writing = {
        name.partition("_")[0]
        for name, tool in LISTED.items()
        if not tool["annotations"]["readOnlyHint"]
        and not tool["annotations"]["destructiveHint"]
    }
    assert writing <= HARMLESS


@pytest.mark.parametrize("name", TOOLS)
def test_what_is_destructive_takes_a_confirmation(name: str) -> None:
    is_announced = LISTED[name]["annotations"].get("destructiveHint", False)
    assert ("confirmation" in schema(name)["properties"]) == is_announced
    assert ("`confirmation`" in LISTED[name]["description"]) == is_announced
    assert TOOLS[name].is_destructive == is_announced


def test_tools_can_be_chosen_by_what_they_are_about() -> None:
    chosen = choose(TOOLS, ["contacts", "deals"])
    assert {"get_contact", "move_deal", "get_me", "get_limits"} <= chosen.keys()
    about = {each.collection for each in chosen.values()}
    assert about == {"contacts", "deals", "me", "limits"}
    size = sum(len(orjson.dumps(LISTED[name])) for name in choose(TOOLS, ["contacts"]))
    assert size < 20_000
    with pytest.raises(ProblemError, match="no tools for 'dreams'"):
        choose(TOOLS, ["contacts", "dreams"])


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
