"""The table of problems is complete, and a problem has the contract's form."""

import orjson
import pytest
from prospectconnect.type.v1 import errors_pb2

from edge.problems import (
    PROBLEMS,
    Fault,
    ProblemError,
    our_fault,
    permission_denied,
    render,
    validation_failed,
)

BASE = "https://problems.example/"
REASONS = [
    name.removeprefix("ERROR_REASON_")
    for name, _ in errors_pb2.ErrorReason.items()
    if name != "ERROR_REASON_UNSPECIFIED"
]


def document(error: ProblemError) -> dict[str, object]:
    shown: dict[str, object] = orjson.loads(render(error, BASE, "/v1/x", "t" * 32))
    return shown


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_has_its_row(reason: str) -> None:
    kind = PROBLEMS[reason]
    assert 400 <= kind.status < 600
    assert kind.slug
    assert kind.title


def test_server_errors_share_a_type() -> None:
    slugs = {kind.slug for kind in PROBLEMS.values() if kind.status >= 500}
    assert slugs == {"server-error"}


def test_a_document_has_the_members_of_the_contract() -> None:
    assert document(ProblemError("NOT_FOUND", "There is none.")) == {
        "type": "https://problems.example/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is none.",
        "instance": "/v1/x",
        "trace_id": "t" * 32,
    }


def test_a_403_names_who_refused() -> None:
    shown = document(permission_denied("ROLE_DENIED", "deal.write"))
    assert shown["refused_by"] == "role"
    assert shown["required"] == "deal.write"
    assert "deal.write" in str(shown["detail"])


def test_one_fault_is_the_detail() -> None:
    shown = document(validation_failed([Fault("email", "too_long", "Too long.")]))
    assert shown["detail"] == "Too long."
    expected = [{"field": "email", "code": "too_long", "message": "Too long."}]
    assert shown["errors"] == expected


def test_several_faults_are_counted_with_those_not_shown() -> None:
    faults = [Fault("a", "invalid", "A."), Fault("b", "invalid", "B.")]
    shown = document(validation_failed(faults))
    assert shown["detail"] == "2 fields failed validation."
    shown = document(validation_failed(faults, omitted=5))
    assert shown["detail"] == "7 fields failed validation."


def test_no_faults_at_all_are_still_a_problem() -> None:
    assert document(validation_failed([]))["errors"] == []


def test_a_fault_of_ours_tells_nothing() -> None:
    assert "exception" not in str(document(our_fault())).lower()
