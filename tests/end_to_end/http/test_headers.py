"""The headers of requests and answers, and the basics of section 1."""

import re
import socket

import pytest

from tests.client import VERSION, Answer, Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.http.problem_checks import check_problem
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.stacks import Stack
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NO_CONTACT = f"/contacts/con_{UNKNOWN_DIGITS}"
ADA = {"email": "ada@example.com"}


def answers(owner: Client) -> dict[str, Answer]:
    """An answer of every kind that a known token gets."""
    created = owner.post("/contacts", ADA)
    path = f"/contacts/{created.json['id']}"
    etag = created.headers["etag"]
    return {
        "created": created,
        "read": owner.get(path),
        "unchanged": owner.get(path, if_none_match=etag),
        "searched": owner.post("/contacts/search", {}),
        "refused": owner.post("/contacts", {"email": 5}),
        "unreadable": owner.post("/contacts", b"{"),
        "missing": owner.get(NO_CONTACT),
        "deleted": owner.delete(path),
    }


def test_every_answer_has_its_trace_version_and_budget(owner: Client) -> None:
    traces = set()
    for kind, answer in answers(owner).items():
        headers = answer.headers
        assert re.fullmatch("[0-9a-f]{32}", headers["x-trace-id"]), kind
        assert headers["version"] == VERSION, kind
        assert int(headers["x-ratelimit-limit"]) == 1_000_000, kind
        assert int(headers["x-ratelimit-remaining"]) < 1_000_000, kind
        assert int(headers["x-ratelimit-reset"]) > 1_700_000_000, kind
        assert headers["ratelimit-policy"] == '"default";q=1000000;w=1', kind
        assert re.fullmatch(r'"default";r=\d+;t=\d+', headers["ratelimit"]), kind
        traces.add(headers["x-trace-id"])
    assert len(traces) == len(answers(owner))


def test_an_answer_tells_nothing_of_what_made_it(owner: Client) -> None:
    for kind, answer in answers(owner).items():
        assert not {"server", "alt-svc", "x-powered-by"} & answer.headers.keys(), kind


def test_only_an_answer_with_a_body_has_a_type(owner: Client) -> None:
    for kind, answer in answers(owner).items():
        given = answer.headers.get("content-type")
        if not answer.body:
            assert given is None, kind
        elif answer.status < 400:
            assert given == "application/json", kind
        else:
            assert given == "application/problem+json", kind


def test_budgets_are_shown_only_once_the_token_is_known(
    open_client: OpenClient,
) -> None:
    client = open_client("pcp_nobody")
    for path in ("/me", "/nothing"):
        answer = client.get(path)
        assert "x-trace-id" in answer.headers
        assert "version" in answer.headers
        assert not [name for name in answer.headers if "ratelimit" in name]


def test_a_trace_is_continued(owner: Client) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"
    assert owner.get("/me", traceparent=parent).headers["x-trace-id"] == TRACE
    refused = owner.get(NO_CONTACT, traceparent=parent)
    assert refused.json["trace_id"] == TRACE
    assert owner.get("/nothing", traceparent=parent).json["trace_id"] == TRACE


@pytest.mark.parametrize(
    "parent", ["", "x", f"00-{TRACE}", f"00-{'0' * 32}-00f067aa0ba902b7-01"]
)
def test_what_is_no_trace_begins_a_new_one(owner: Client, parent: str) -> None:
    answer = owner.get("/me", traceparent=parent)
    assert answer.status == 200
    assert answer.headers["x-trace-id"] not in (TRACE, "0" * 32)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", NO_CONTACT),
        ("DELETE", NO_CONTACT),
        ("PATCH", NO_CONTACT),
        ("POST", "/contacts"),
        ("POST", "/contacts/search"),
        ("GET", "/me"),
        ("POST", "/users/search"),
    ],
)
def test_no_operation_takes_a_query(owner: Client, method: str, path: str) -> None:
    body: object = {} if method[0] == "P" else None
    for query in ("limit=5", "limit", "a%20b=", "business_id=biz_1"):
        answer = owner.send(method, f"{path}?{query}", body)
        check_problem(answer, 400, "bad-request", f"/v1{path}")
        named = query.partition("=")[0].replace("%20", " ")
        assert named in answer.json["detail"]


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/merge-patch+json",
    ],
)
def test_a_body_is_json_by_its_type(owner: Client, media_type: str) -> None:
    path = f"/contacts/{owner.create('/contacts', ADA)['id']}"
    answer = owner.patch(path, {"city": "São Paulo"}, content_type=media_type)
    assert (answer.status, answer.json["city"]) == (200, "São Paulo")


@pytest.mark.parametrize("media_type", ["", "text/json", "application/xml", "json"])
def test_a_body_of_another_type_is_refused(owner: Client, media_type: str) -> None:
    answer = owner.post("/contacts", ADA, content_type=media_type)
    check_problem(answer, 415, "unsupported-media-type", "/v1/contacts")


def test_timestamps_are_utc_without_trailing_zeros(owner: Client) -> None:
    for _ in range(20):
        created = owner.create("/contacts", ADA)["created_at"]
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z", created
        )


def test_ids_have_their_prefix_and_rise_with_time(
    owner: Client, tenant: Tenant
) -> None:
    contacts = [owner.create("/contacts", ADA)["id"] for _ in range(5)]
    for each in contacts:
        assert re.fullmatch("con_[0-9a-f]{24}", each)
    assert len({each[12:] for each in contacts}) == 5
    seconds = [int(each[4:12], 16) for each in contacts]
    assert seconds == sorted(seconds)
    assert re.fullmatch("usr_[0-9a-f]{24}", tenant.users["owner"])
    assert re.fullmatch("biz_[0-9a-f]{24}", tenant.business_id)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /v1/me HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"POST /v1/contacts HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
        b"GET /v1/me HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"GET /v1/" + b"x" * 50_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["no colon", "length", "long header", "long path"],
)
def test_even_what_is_no_proper_http_gets_a_problem(
    stack: Stack, request_bytes: bytes
) -> None:
    host, port = stack.http.split(":")
    with socket.create_connection((host, int(port)), timeout=60) as link:
        link.sendall(request_bytes)
        answer = b""
        while part := link.recv(65_536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert re.match(rb"HTTP/1\.1 4\d\d ", head)
    assert b"application/problem+json" in head
    assert b"/problems/" in body


def test_an_app_in_a_browser_may_call_from_anywhere(owner: Client) -> None:
    origin = {"origin": "https://spa.example"}
    asked = {
        **origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization,version,idempotency-key",
    }
    answer = owner.send("OPTIONS", NO_CONTACT, **asked)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "DELETE, GET, PATCH"
    assert answer.headers["access-control-allow-headers"] == "Authorization, *"
    for status, path in ((200, "/me"), (404, NO_CONTACT), (404, "/nothing")):
        answer = owner.get(path, **origin)
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == "*"
        shown = answer.headers["access-control-expose-headers"].split(", ")
        assert {"ETag", "X-Trace-Id", "Retry-After", "RateLimit"} <= set(shown)
    assert "access-control-allow-origin" not in owner.get("/me").headers


def test_a_preflight_is_for_operations_alone(owner: Client) -> None:
    asked = {"origin": "https://a.example", "access-control-request-method": "GET"}
    assert owner.send("OPTIONS", "/nothing", **asked).status == 404
    assert owner.send("OPTIONS", "/contacts/", **asked).status == 404
