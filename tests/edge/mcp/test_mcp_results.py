"""How much of an answer an assistant gets: never more than 64 KiB, and it is told."""

from typing import Any

import orjson
import pytest
from prospectconnect.crm.v1 import contacts_pb2, notes_pb2

from edge.mcp.advice import advice_on
from edge.mcp.results import MOST_BYTES, bad_result, good_result
from edge.problems import PROBLEMS, Fault, ProblemError, validation_failed
from tests.edge.operations import CREATE, OPERATIONS, SEARCH, UPDATE

GET = OPERATIONS["GetContact"]


def read(result: dict[str, Any]) -> Any:
    """The structure of a result that is small enough and says the same twice."""
    text = orjson.dumps(result)
    assert len(text) <= 64 * 1024
    parsed = orjson.loads(text)
    (content,) = parsed["content"]
    assert orjson.loads(content["text"]) == parsed["structuredContent"]
    return parsed["structuredContent"]


def contact(letter: str, number: int = 1) -> contacts_pb2.Contact:
    """Larger than can be shown in every way, in the letters of a script."""
    made = contacts_pb2.Contact(id=f"con_{number:024x}", name=letter * 201)
    made.tags.extend(f"{letter * 60}{tag}" for tag in range(50))
    for key in range(100):
        made.custom_fields[f"key_{key}"] = [letter * 300] * 20
    return made


def test_what_is_small_comes_whole() -> None:
    small = contacts_pb2.Contact(id="con_1", name="Ann", tags=["a"])
    assert read(good_result(GET, small)) == orjson.loads(GET.write(small))


@pytest.mark.parametrize("letter", ["a", "é", "語", "😀", '"', "\\", "\u0001", "<"])
def test_the_largest_records_fit(letter: str) -> None:
    one = read(good_result(GET, contact(letter)))
    assert one["id"] == contact(letter).id
    assert "Never write back" in one["cut"]
    page = contacts_pb2.SearchContactsResponse()
    page.data.extend(contact(letter, number) for number in range(25))
    page.meta.cursor.next, page.meta.cursor.has_more = "c" * 900, True
    found = read(good_result(SEARCH, page))
    assert [each["id"] for each in found["data"]] == [each.id for each in page.data]
    assert found["meta"]["cursor"] == {"next": "c" * 900, "has_more": True}
    assert "get tool" in found["cut"]


def test_no_more_is_cut_than_must_be() -> None:
    get_note = OPERATIONS["GetNote"]
    whole = notes_pb2.Note(id="note_1", body="x" * 20_000)
    assert read(good_result(get_note, whole))["body"] == whole.body
    longer = notes_pb2.Note(id="note_1", body="x" * 20_001)
    told = read(good_result(get_note, longer))
    assert told["body"] == f"{'x' * 20_000} … [1 more characters]"
    assert told["cut"].endswith("the rest would be lost.")
    assert "GET /v1/notes/{id}" in told["cut"]


def test_money_stays_exact() -> None:
    deal = OPERATIONS["GetDeal"].route.response_class()
    deal.value.value = "9999999999999.99"  # type: ignore[attr-defined]  # Decimal
    text = orjson.dumps(good_result(OPERATIONS["GetDeal"], deal))
    assert b'"value":9999999999999.99' in text


def test_a_problem_is_told_briefly() -> None:
    faults = [Fault(f"tags[{n}]" + "x" * 9_000, "too_long", "y") for n in range(500)]
    result = bad_result(validation_failed(faults), CREATE, "https://p/", "0" * 32)
    told = read(result)
    assert result["isError"] is True
    assert len(told["errors"]) == 20
    assert told["detail"] == "500 fields failed validation."
    assert len(orjson.dumps(result)) < MOST_BYTES


@pytest.mark.parametrize("reason", PROBLEMS)
def test_there_is_advice_on_every_problem(reason: str) -> None:
    for operation in (None, GET, CREATE, UPDATE):
        assert advice_on(ProblemError(reason, "x"), operation).endswith(".")


def test_after_a_failure_a_write_may_have_been_done() -> None:
    lost = ProblemError("UNAVAILABLE", "x", {"Retry-After": "1"})
    assert advice_on(lost, GET) == (
        "Wait 1 second, then call again with the same arguments."
    )
    assert "idempotency_key" in advice_on(lost, CREATE)
    assert advice_on(lost, UPDATE) == (
        "It may have been done. Wait 1 second, then look whether it was before "
        "calling again."
    )


def test_what_never_changes_is_not_to_be_called_again() -> None:
    gone, merged = (
        advice_on(ProblemError(reason, ""), OPERATIONS["DeleteContact"])
        for reason in ("GONE", "RECORD_MERGED")
    )
    assert gone == (
        "The data was erased for good. Tell the user. Calling again changes nothing."
    )
    assert merged == "Use the record in `used_by`, or first undo that merge."
