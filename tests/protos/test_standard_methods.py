"""Standard methods follow from the options of a record, and what is by hand stays."""

import re
from collections.abc import Mapping

import pytest

from protos.standard_methods.__main__ import PROTOS
from protos.standard_methods.records import BEGIN, read_records, written_by_hand
from protos.standard_methods.regions import completed

FILES = {
    str(path.relative_to(PROTOS)): path.read_text()
    for path in PROTOS.glob("prospectconnect/**/*.proto")
}
CRM = "prospectconnect/crm/v1"
VERBS = [
    *("Get", "Search", "Create", "Update", "Delete", "Upsert"),
    *("Read", "Read", "Batch", "Restore", "Aggregate"),
]
# Those of records that can be merged.
MERGES = ["Merge", "Unmerge"]
# The methods of companies that are written by hand.
BY_HAND = {"FindCompanyDuplicates", "ListCompanyDuplicates"}


def written(changed: Mapping[str, str] = FILES) -> dict[str, str]:
    """The files of records, with their regions written anew."""
    files = FILES | dict(changed)
    records = read_records(files)
    return {
        each.file: completed(written_by_hand(files[each.file]), each, records)
        for each in records
    }


def methods(text: str) -> list[str]:
    return re.findall(r"^  rpc (\w+)\(", text, re.MULTILINE)


def comment_of(method: str, text: str) -> str:
    found = re.search(rf"((?:^  //.*\n)+)  rpc {method}\(", text, re.MULTILINE)
    assert found
    return " ".join(line.strip(" /") for line in found[1].splitlines())


def test_the_committed_protos_are_fresh() -> None:
    assert written() == {name: FILES[name] for name in written()}


def test_a_region_that_was_changed_by_hand_is_written_anew() -> None:
    name = f"{CRM}/notes.proto"
    changed = FILES[name].replace("Creates a note.", "Makes a note.")
    assert written({name: changed})[name] == FILES[name] != changed


def test_a_record_without_regions_gets_them() -> None:
    name = f"{CRM}/activities.proto"
    bare = written_by_hand(FILES[name])
    assert BEGIN not in bare
    assert methods(bare) == []
    assert written({name: bare})[name] == FILES[name]
    empty = bare.replace("ActivityService {\n}", "ActivityService {}")
    assert written({name: empty})[name] == FILES[name]


def test_a_method_that_is_written_by_hand_is_left_out() -> None:
    name = f"{CRM}/contacts.proto"
    assert methods(written_by_hand(FILES[name]))[0] == "CreateContact"
    assert methods(FILES[name]).count("CreateContact") == 1
    assert FILES[name].count("message CreateContactRequest {") == 1


def test_a_message_that_is_written_by_hand_is_left_out() -> None:
    name, own = f"{CRM}/notes.proto", "message CreateNoteRequest {\n  Note note = 1;\n}"
    made = written({name: f"{written_by_hand(FILES[name])}\n// By hand.\n{own}\n"})
    assert made[name].count("message CreateNoteRequest {") == 1
    assert own in made[name]


@pytest.mark.parametrize(
    ("option", "left"),
    [
        ("without: STANDARD_METHOD_UPSERT", [*VERBS[:5], *VERBS[6:]]),
        (
            "without: [STANDARD_METHOD_CREATE, STANDARD_METHOD_UPDATE]",
            [
                *("Get", "Search", "Delete", "Upsert"),
                *("Read", "Read", "Restore", "Aggregate"),
            ],
        ),
        (
            "without: STANDARD_METHOD_HISTORY",
            [*VERBS[:6], *VERBS[7:]],
        ),
    ],
)
def test_a_record_has_no_method_that_it_is_to_be_without(
    option: str, left: list[str]
) -> None:
    name = f"{CRM}/activities.proto"
    changed = FILES[name].replace("place: 6", option)
    found = [
        re.findall("[A-Z][a-z]+", each)[0]
        for each in methods(written({name: changed})[name])
        if each not in BY_HAND
    ]
    assert found == left


def test_who_may_call_is_what_the_record_says() -> None:
    name = f"{CRM}/companies.proto"
    theirs = FILES[name].replace("place: 2", 'permission_resource: "deal"')
    anybodys = FILES[name].replace("place: 2", "any_token: true")
    asking = len(VERBS) - 1 + len(MERGES)
    assert written({name: theirs})[name].count('permission: "deal.') == asking
    # Anybody may send a batch; its operations ask for permissions.
    assert written({name: anybodys})[name].count("any_token: true") == asking + 2


@pytest.mark.parametrize("name", ["contacts", "companies", "deals", "custom_records"])
def test_records_with_merged_ids_are_merged_and_parted(name: str) -> None:
    file = f"{CRM}/{name}.proto"
    found = set(methods(written()[file]))
    record = next(each for each in read_records(FILES) if each.file == file).name
    theirs = {f"{verb}{record}" for verb in MERGES}
    assert theirs <= found
    text = FILES[file].replace("string merged_ids = 30", "string other_ids = 30")
    assert set(methods(written({file: text})[file])) == found - theirs


def test_a_deletion_tells_what_becomes_of_links() -> None:
    told = {
        name: comment_of(f"Delete{name}", FILES[f"{CRM}/{file}.proto"])
        for name, file in (("Task", "tasks"), ("Deal", "deals"))
    }
    assert told["Task"] == "Deletes a task."
    assert told["Deal"] == (
        "Deletes a deal and clears the links to it. Notes and activities that then have"
        " no link are deleted with it. The id of a merged deal does not delete the"
        " survivor: RECORD_MERGED."
    )


def test_a_record_that_no_search_can_look_through_is_refused() -> None:
    name = f"{CRM}/companies.proto"
    with pytest.raises(SystemExit, match="no field is searchable"):
        written({name: FILES[name].replace("    searchable: true\n", "")})


def test_a_proto_that_does_not_compile_is_told_by_its_line() -> None:
    name = f"{CRM}/companies.proto"
    line = FILES[name].splitlines().index("message Company {") + 1
    with pytest.raises(SystemExit, match=rf"protos/{name}:{line}:"):
        written({name: FILES[name].replace("message Company {", "massage Company {")})
