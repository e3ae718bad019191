"""Long answers are compressed for clients that take gzip, and for no others."""

import gzip
import json
from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.people.oauth_scene import Scene
from tests.harness.people.person import Person
from tests.world import Tenant

pytestmark = pytest.mark.every_topology

GZIP = {"accept_encoding": "gzip, deflate"}
LONG = {
    "email": "ada@example.com",
    "custom_fields": {f"k{n}": "v" * 200 for n in range(99)},
}


def unpacked(answer: Answer) -> Any:
    """What a compressed answer says."""
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(answer.body)
    return json.loads(gzip.decompress(answer.body))


def test_a_long_page_comes_compressed_to_who_asks(owner: Client) -> None:
    for number in range(20):
        owner.create("/contacts", {"email": f"ada{number}@example.com"})
    plain = owner.post("/contacts/search", {})
    assert "content-encoding" not in plain.headers
    packed = owner.post("/contacts/search", {}, **GZIP)
    assert unpacked(packed)["data"] == plain.json["data"]
    assert len(packed.body) < len(plain.body) / 3
    for answer in (plain, packed):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"] == "application/json"


def test_an_older_contract_is_compressed_too(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    for number in range(20):
        owner.create("/contacts", {"email": f"ada{number}@example.com"})
    old = open_client(tenant.tokens["owner"], "2026-06-01")
    assert unpacked(old.post("/contacts/search", {}, **GZIP))["meta"]["total"] == 20


def test_short_answers_come_as_they_are_unless_that_is_refused(owner: Client) -> None:
    path = f"/contacts/{owner.create('/contacts', {'phone': '030 12'})['id']}"
    short = owner.get(path, **GZIP)
    assert "content-encoding" not in short.headers
    assert short.headers["vary"] == "Accept-Encoding"
    refusing = owner.get(path, accept_encoding="gzip, identity;q=0")
    assert unpacked(refusing) == short.json


def test_a_long_problem_comes_compressed(owner: Client) -> None:
    body = {f"unknown_{number}": 1 for number in range(200)}
    plain = owner.post("/contacts", body)
    check_problem(plain, 422, "validation")
    packed = owner.post("/contacts", body, **GZIP)
    assert packed.status == 422
    assert packed.headers["content-type"] == "application/problem+json"
    assert unpacked(packed)["errors"] == plain.json["errors"]


@pytest.mark.parametrize("form", ["{}", '"0", {}'])
def test_either_tag_of_a_record_lets_a_change_through(owner: Client, form: str) -> None:
    path = f"/contacts/{owner.create('/contacts', LONG)['id']}"
    plain, packed = owner.get(path), owner.get(path, **GZIP)
    assert unpacked(packed) == plain.json
    tags = [each.headers["etag"] for each in (plain, packed)]
    assert tags == ['"1"', '"1-gzip"'], "two forms have two strong tags"
    for tag in tags:
        assert owner.get(path, if_match=form.format(tag)).status == 200
        assert owner.patch(path, {}, if_match=form.format(tag)).status == 200
    changed = owner.patch(path, {"city": "Rome"}, if_match=tags[1], **GZIP)
    assert changed.headers["etag"] == '"2-gzip"'
    for tag in (*tags, '"-gzip"', f"W/{changed.headers['etag']}"):
        stale = owner.patch(path, {"city": "Oslo"}, if_match=tag)
        check_problem(stale, 412, "precondition-failed")
    assert owner.delete(path, if_match=changed.headers["etag"]).status == 204


@pytest.mark.parametrize("form", ["{}", "W/{}", '"0", {}'])
def test_either_tag_tells_that_the_client_has_the_record(
    owner: Client, form: str
) -> None:
    path = f"/contacts/{owner.create('/contacts', LONG)['id']}"
    for kept in ('"1"', '"1-gzip"'):
        for takes in ({}, GZIP, {"accept_encoding": "gzip, identity;q=0"}):
            same = owner.get(path, if_none_match=form.format(kept), **takes)
            assert (same.status, same.body) == (304, b"")
            assert same.headers["etag"] == kept, "the one that the client keeps"
            assert same.headers["vary"] == "Accept-Encoding"
            assert "content-encoding" not in same.headers
    owner.patch(path, {"city": "Rome"})
    for old in ('"1"', '"1-gzip"'):
        assert owner.get(path, if_none_match=form.format(old), **GZIP).status == 200


def test_a_replay_is_the_first_answer_however_it_is_sent(owner: Client) -> None:
    first = owner.post("/contacts", LONG, idempotency_key="long")
    again = owner.post("/contacts", LONG, idempotency_key="long", **GZIP)
    assert again.headers["idempotent-replayed"] == "true"
    assert unpacked(again) == first.json
    assert gzip.decompress(again.body) == first.body
    assert again.headers["location"] == first.headers["location"]


def test_a_new_token_is_never_compressed(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(("token.all",)))
    made = client.post(
        "/tokens", {"scopes": ["token.read"]}, accept_encoding="gzip, identity;q=0"
    )
    assert made.status == 201
    assert made.json["secret"].startswith("pcp_")
    assert "content-encoding" not in made.headers


def test_no_page_with_a_form_token_is_compressed(stage: Scene) -> None:
    person = Person(stage.tenant.stack.http)
    person.log_in(stage.email)
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    headers = {"accept-encoding": "gzip, identity;q=0", "accept": "text/html"}
    with_client = Client(person.address)
    for path in ("/oauth/login", "/account/tokens/new", "/account/usage"):
        page = with_client.raw("GET", path, None, {**headers, "cookie": cookies})
        assert page.status == 200, path
        assert b"<form" in page.body, path
        assert "content-encoding" not in page.headers, path
    with_client.close()
