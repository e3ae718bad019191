"""What holds for every problem, whatever it is about (RFC 9457)."""

import re

from tests.client import Answer

BASE = "https://papi.prospectconnect.ai/problems/"
MEMBERS = ("type", "title", "status", "detail", "instance", "trace_id")

# Words that would tell a client what the product is made of.
INTERNAL = re.compile(
    r"grpc|protobuf|_pb2|prospectconnect\.(crm|iam|type)|postgres|asyncpg|sanic|select "
    r"|traceback|exception|python|/work|\.py\b|update_mask|0x[0-9a-f]{6}",
    re.IGNORECASE,
)


def check_problem(answer: Answer, status: int, slug: str, instance: str = "") -> None:
    """Holds an answer against the shape that every problem has."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json
    assert tuple(document)[: len(MEMBERS)] == MEMBERS
    assert document["type"] == BASE + slug
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert re.fullmatch("[0-9a-f]{32}", document["trace_id"])
    assert document["trace_id"] == answer.headers["x-trace-id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer.headers["version"])
    if instance:
        assert document["instance"] == instance
    prose = {k: v for k, v in document.items() if k not in ("type", "instance")}
    assert not INTERNAL.search(str(prose)), prose
