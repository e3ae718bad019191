"""Errors of the services become problems; errors of the transport ours."""

import json
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Packed
from google.rpc import error_details_pb2, status_pb2

from edge.problems import PROBLEMS, Fault, ProblemError
from edge.upstream.call import faulty_fields
from edge.upstream.errors import DOMAIN, problem_of

Code = grpc.StatusCode
SECRET = "password=hunter2"


def error(code: Code, text: str, *details: Any) -> grpc.aio.AioRpcError:
    packed = []
    for detail in details:
        packed.append(Packed())
        packed[-1].Pack(detail)
    status = status_pb2.Status(code=code.value[0], message=text, details=packed)
    trailing = grpc.aio.Metadata()
    if details:
        trailing.add("grpc-status-details-bin", status.SerializeToString())
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, text)


def info(reason: str, domain: str = DOMAIN, **metadata: str) -> Any:
    return error_details_pb2.ErrorInfo(reason=reason, domain=domain, metadata=metadata)


def test_a_reason_of_ours_is_taken_at_its_word() -> None:
    problem = problem_of(error(Code.NOT_FOUND, "No such contact.", info("NOT_FOUND")))
    assert problem.kind.status == 404
    assert problem.detail == "No such contact."


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (Code.UNAVAILABLE, 503),
        (Code.CANCELLED, 503),
        (Code.DEADLINE_EXCEEDED, 504),
        (Code.RESOURCE_EXHAUSTED, 503),
        (Code.NOT_FOUND, 500),
        (Code.UNAUTHENTICATED, 500),
        (Code.UNKNOWN, 500),
    ],
)
@pytest.mark.parametrize(
    "details",
    [(), (info("NOT_FOUND", "other.example"),), (info("NO_REASON_OF_OURS"),)],
)
def test_other_errors_are_our_fault(
    code: Code, status: int, details: tuple[Any, ...]
) -> None:
    problem = problem_of(error(code, SECRET, *details))
    assert problem.kind.status == status
    assert SECRET not in problem.detail
    assert ("Retry-After" in problem.headers) is (status == 503)


@pytest.mark.parametrize("reason", ["INTERNAL", "UNAVAILABLE", "DEADLINE_EXCEEDED"])
def test_the_text_of_a_server_error_stays_inside(reason: str) -> None:
    problem = problem_of(error(Code.INTERNAL, SECRET, info(reason)))
    assert problem.kind is PROBLEMS[reason]
    assert SECRET not in problem.detail


def test_garbage_in_the_details_is_no_trouble() -> None:
    trailing = grpc.aio.Metadata(("grpc-status-details-bin", b"\xff\xff"))
    broken = grpc.aio.AioRpcError(Code.NOT_FOUND, grpc.aio.Metadata(), trailing, "")
    assert problem_of(broken).kind.status == 500


def test_faults_keep_their_paths_and_codes() -> None:
    faults = error_details_pb2.BadRequest()
    faults.field_violations.add(
        field="contact.email", reason="TOO_LONG", description="Too long."
    )
    problem = problem_of(
        error(
            Code.INVALID_ARGUMENT,
            "",
            info("VALIDATION_FAILED", omitted="3"),
            faults,
        )
    )
    expected = [Fault("contact.email", "too_long", "Too long.")]
    assert problem.members["errors"] == expected
    assert problem.omitted == 3
    assert problem.detail == "4 fields failed validation."


@pytest.mark.parametrize(
    ("reason", "refused_by"), [("SCOPE_DENIED", "scope"), ("ROLE_DENIED", "role")]
)
def test_a_denial_names_the_permission(reason: str, refused_by: str) -> None:
    denied = info(reason, permission="deal.write")
    problem = problem_of(error(Code.PERMISSION_DENIED, "No.", denied))
    assert problem.members == {"refused_by": refused_by, "required": "deal.write"}


def retry(seconds: int, nanos: int = 0) -> Any:
    made = error_details_pb2.RetryInfo()
    made.retry_delay.seconds, made.retry_delay.nanos = seconds, nanos
    return made


@pytest.mark.parametrize(
    ("details", "after"), [((), "1"), ((retry(2, 1),), "3"), ((retry(0, 5),), "1")]
)
def test_a_busy_key_tells_when_to_retry(details: tuple[Any, ...], after: str) -> None:
    busy = info("IDEMPOTENCY_KEY_BUSY")
    problem = problem_of(error(Code.ABORTED, "Still running.", busy, *details))
    assert problem.kind.status == 409
    assert problem.headers == {"Retry-After": after}


def test_faulty_fields_fit_into_metadata() -> None:
    assert json.loads(faulty_fields(["contact.email", "contact.custom_fields.é"])) == [
        "contact.email",
        "contact.custom_fields.é",
    ]
    many = faulty_fields(f"filters[{index}].operator" for index in range(10_000))
    assert many.isascii()
    assert 3_900 < len(many) <= 4_096
    assert faulty_fields([]) == "[]"


def test_a_problem_is_an_exception_with_its_detail() -> None:
    assert str(ProblemError("NOT_FOUND", "There is none.")) == "There is none."


def test_a_message_that_grew_too_large_is_our_fault() -> None:
    text = "Received message larger than max (5766862 vs. 4194304)"
    problem = problem_of(error(Code.RESOURCE_EXHAUSTED, text))
    assert problem.kind.status == 500
