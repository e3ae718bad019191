"""Every kind of error and every code of a fault: its status, its shape, its words."""

from collections.abc import Mapping
from typing import Any

import pytest
from prospectconnect.type.v1.errors_pb2 import FaultCode

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.http.problem_checks import check_problem
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

NO_CONTACT = f"/contacts/con_{UNKNOWN_DIGITS}"
LARGE = b'"' + b"x" * (1024 * 1024) + b'"'

# Method, path, body, headers beyond the usual ones; then status and slug.
Row = tuple[str, str, Any, Mapping[str, str], int, str]
PROBLEMS: tuple[Row, ...] = (
    ("POST", "/contacts", b"{", {}, 400, "bad-request"),
    ("POST", "/contacts", b'{"email": "\xff"}', {}, 400, "bad-request"),
    ("POST", "/contacts", b'{"email": 1, "email": 2}', {}, 400, "bad-request"),
    ("POST", "/contacts", b'{"lead_score": NaN}', {}, 400, "bad-request"),
    ("POST", "/contacts", b'{"email": "\\ud800"}', {}, 400, "bad-request"),
    ("POST", "/contacts", b"[" * 100_000, {}, 400, "bad-request"),
    ("GET", "/me", None, {"version": "yesterday"}, 400, "bad-request"),
    ("GET", "/me?x=1", None, {}, 400, "bad-request"),
    ("POST", "/contacts", {}, {"idempotency_key": "k" * 256}, 400, "bad-request"),
    ("POST", "/contacts/search", {"cursor": "made up"}, {}, 400, "bad-request"),
    ("GET", "/me", None, {"authorization": "Bearer pcp_x"}, 401, "unauthorized"),
    ("GET", "/me", None, {"authorization": "Basic eDp5"}, 401, "unauthorized"),
    ("GET", "/nothing", None, {}, 404, "not-found"),
    ("GET", NO_CONTACT, None, {}, 404, "not-found"),
    ("PUT", "/me", None, {}, 405, "method-not-allowed"),
    ("POST", "/contacts", LARGE, {}, 413, "payload-too-large"),
    ("POST", "/contacts", {}, {"content_type": "a/b"}, 415, "unsupported-media-type"),
    ("POST", "/contacts", {"email": 5}, {}, 422, "validation"),
    ("POST", "/contacts", [], {}, 422, "validation"),
    ("POST", "/contacts", None, {}, 422, "validation"),
)


@pytest.mark.parametrize("row", PROBLEMS, ids=lambda row: f"{row[0]} {row[4]}")
def test_every_error_is_a_problem(owner: Client, row: Row) -> None:
    method, path, body, headers, status, slug = row
    answer = owner.send(method, path, body, **headers)
    check_problem(answer, status, slug, f"/v1{path.partition('?')[0]}")


def test_a_401_tells_how_to_get_in(owner: Client, open_client: OpenClient) -> None:
    metadata = f"http://{owner.address}/.well-known/oauth-protected-resource/v1"
    missing = open_client(None).get("/me")
    check_problem(missing, 401, "unauthorized")
    challenge = missing.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert f'resource_metadata="{metadata}"' in challenge
    assert "error=" not in challenge  # RFC 6750: none where no token was sent
    refused = open_client("pcp_nobody").get("/me").headers["www-authenticate"]
    assert 'error="invalid_token"' in refused
    assert f'resource_metadata="{metadata}"' in refused


def test_a_403_tells_who_refused_and_what_it_takes(
    tenant: Tenant, open_client: OpenClient
) -> None:
    unscoped = open_client(tenant.token(["contact.read"])).post("/contacts", {})
    check_problem(unscoped, 403, "forbidden", "/v1/contacts")
    assert unscoped.json["refused_by"] == "scope"
    assert unscoped.json["required"] == "contact.write"
    challenge = unscoped.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="contact.write"' in challenge
    powerless = open_client(tenant.tokens["viewer"]).post("/contacts", {})
    check_problem(powerless, 403, "forbidden", "/v1/contacts")
    assert powerless.json["refused_by"] == "role"
    assert powerless.json["required"] == "contact.write"
    assert "www-authenticate" not in powerless.headers


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/contacts", "POST"),
        (NO_CONTACT, "DELETE, GET, PATCH"),
        (f"{NO_CONTACT}/tags/VIP", "DELETE"),
        ("/me", "GET"),
    ],
)
def test_a_405_names_the_methods_that_there_are(
    owner: Client, path: str, allow: str
) -> None:
    for method in ("PUT", "OPTIONS", "TRACE"):
        answer = owner.send(method, path)
        check_problem(answer, 405, "method-not-allowed", f"/v1{path}")
        assert answer.headers["allow"] == allow


TAGS = f"{NO_CONTACT}/tags"
SEARCH = "/contacts/search"
MANY = [{"field": "id", "operator": "is_empty"}] * 101

# Each code: a request that has this fault alone.
CODES: tuple[tuple[str, str, Any, dict[str, str]], ...] = (
    ("POST", "/contacts", {}, {"email": "required"}),
    ("POST", "/contacts", {"phone": "123", "mail": 1}, {"mail": "unknown_field"}),
    ("PATCH", NO_CONTACT, {"name": "Ada"}, {"name": "read_only"}),
    ("POST", "/contacts", {"phone": 123}, {"phone": "invalid_type"}),
    ("POST", "/contacts", {"email": "ada"}, {"email": "invalid_format"}),
    ("PATCH", NO_CONTACT, {"country": "XX"}, {"country": "invalid_choice"}),
    ("POST", TAGS, {"tags": [""]}, {"tags[0]": "too_short"}),
    ("PATCH", NO_CONTACT, {"city": "x" * 101}, {"city": "too_long"}),
    ("POST", SEARCH, {"limit": 0}, {"limit": "too_small"}),
    ("POST", SEARCH, {"limit": 101}, {"limit": "too_large"}),
    ("POST", SEARCH, {"filters": MANY}, {"filters": "too_many"}),
    (
        "POST",
        "/contacts",
        {"phone": "123", "company_id": f"cmp_{UNKNOWN_DIGITS}"},
        {"company_id": "not_found"},
    ),
    ("PATCH", NO_CONTACT, {"source": "\0"}, {"source": "invalid"}),
)


@pytest.mark.parametrize(("method", "path", "body", "codes"), CODES)
def test_every_code_of_a_fault(
    owner: Client, method: str, path: str, body: Any, codes: dict[str, str]
) -> None:
    answer = owner.send(method, path, body)
    check_problem(answer, 422, "validation", f"/v1{path}")
    assert answer.codes == codes
    (fault,) = answer.json["errors"]
    assert fault.keys() == {"field", "code", "message"}
    assert answer.json["detail"] == fault["message"]


def test_every_code_has_its_row() -> None:
    names = FaultCode.DESCRIPTOR.values_by_name
    known = {name.removeprefix("FAULT_CODE_").lower() for name in names}
    shown = {code for row in CODES for code in row[3].values()}
    assert known - shown == {"unspecified", "not_unique"}  # nothing is unique yet


def test_all_faults_of_a_body_come_in_one_answer(owner: Client) -> None:
    body = {
        "email": 5,
        "phone": "none",
        "first_name": "x" * 101,
        "lifecycle_stage": "vip",
        "lead_score": 101,
        "tags": ["ok", "", 7],
        "custom_fields": {"Plan": 1, "seats": {"all": 1}},
        "id": "con_1",
        "favourite": "blue",
    }
    answer = owner.post("/contacts", body)
    check_problem(answer, 422, "validation", "/v1/contacts")
    assert answer.codes == {
        "email": "invalid_type",
        "phone": "invalid_format",
        "first_name": "too_long",
        "lifecycle_stage": "invalid_choice",
        "lead_score": "too_large",
        "tags[1]": "too_short",
        "tags[2]": "invalid_type",
        "custom_fields.Plan": "invalid_format",
        "custom_fields.seats": "invalid_type",
        "id": "read_only",
        "favourite": "unknown_field",
    }
    assert answer.json["detail"] == "11 fields failed validation."


def test_a_fault_in_a_search_names_its_place(owner: Client) -> None:
    filters = [
        {"field": "email", "operator": "like", "value": "a"},
        {"any": [{"field": "lead_score", "operator": "gt", "value": "a"}]},
        {"not": {"field": "e_mail", "operator": "is_empty"}},
    ]
    answer = owner.post(SEARCH, {"filters": filters, "sort": "email"})
    assert answer.codes == {
        "filters[0].operator": "invalid_choice",
        "filters[1].any[0].value": "invalid_type",
        "filters[2].not.field": "invalid_choice",
        "sort": "unknown_field",
    }


def test_more_faults_than_help_anybody_are_counted(owner: Client) -> None:
    unknown = {f"field_{n}": n for n in range(2000)}
    answer = owner.post("/contacts", unknown | {"phone": "123"})
    check_problem(answer, 422, "validation", "/v1/contacts")
    assert answer.json["detail"] == "2000 fields failed validation."
    assert len(answer.json["errors"]) == 1000
    too_long = {"tags": ["x" * 65] * 500, "phone": "123"}
    answer = owner.post("/contacts", too_long)
    assert answer.json["detail"] == "500 fields failed validation."
    assert 0 < len(answer.json["errors"]) <= 500
