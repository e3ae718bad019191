"""Checks of every answer to a hostile request: its form, and no internal details."""

import re

from tests.client import Answer

MEMBERS = {"type", "title", "status", "detail", "instance", "trace_id"}
TYPES = "https://papi.prospectconnect.ai/problems/"

# Words that only appear in internal details.
INTERNAL = re.compile(
    r"Traceback|\.py\b|site-packages|asyncpg|sanic|grpc|_pb2|postgres"
    r"|prospectconnect\.(?:crm|iam|type|options)|(?:edge|services|deploy)\."
    r"|\b[A-Z]\w+(?:Error|Exception|Request|Response)\b|0x[0-9a-f]{8}"
    r"|SELECT |INSERT |UPDATE |DELETE FROM|\$\d\b|business_id = ",
    re.ASCII,
)


def check_problem(
    answer: Answer | None, status: int | None = None, sent: bytes = b""
) -> Answer:
    """Checks an answer against section 3 of the contract.

    `status` is the required one; None allows any below 500. The answer may repeat any
    text that was `sent`.
    """
    assert answer is not None, "the connection was closed without an answer"
    assert 400 <= answer.status < 500, (answer.status, answer.body)
    assert status in (None, answer.status), (answer.status, answer.body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["version"]
    assert "server" not in answer.headers
    problem = answer.json
    assert problem.keys() >= MEMBERS
    assert problem["type"].startswith(TYPES)
    assert problem["status"] == answer.status
    assert problem["trace_id"] == answer.headers["x-trace-id"]
    assert ("errors" in problem) == (problem["type"] == f"{TYPES}validation")
    for fault in problem.get("errors", ()):
        assert fault.keys() == {"field", "code", "message"}
    leaks = set(INTERNAL.findall(answer.body.decode()))
    assert all(leak.encode() in sent for leak in leaks), (leaks, answer.body)
    return answer


def check_answer(answer: Answer | None, sent: bytes = b"") -> Answer:
    """Checks an answer that may be a success or a problem."""
    assert answer is not None, "the connection was closed without an answer"
    if answer.status >= 300 and answer.status != 304:
        return check_problem(answer, sent=sent)
    assert answer.headers["x-trace-id"]
    assert answer.headers["version"]
    assert answer.headers.get("content-type", "application/json") == "application/json"
    return answer
