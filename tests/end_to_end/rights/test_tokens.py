"""Personal access tokens by API: one's own, and never more than what made them."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from prospectconnect.crm.v1 import contacts_pb2, contacts_pb2_grpc
from prospectconnect.iam.v1 import tokens_pb2

from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.harness.people.oauth import session
from tests.harness.people.oauth_scene import Scene
from tests.harness.promptly import within
from tests.harness.wire.grpc_calls import bearer, refused
from tests.world import Tenant

SCOPES = ("contact.all", "deal.read", "token.all")


@pytest.fixture
def portal(tenant: Tenant) -> Iterator[Client]:
    """A client with a token that may make tokens."""
    with closing(tenant.client(token=tenant.token(SCOPES))) as client:
        yield client


def test_a_token_is_made_shown_once_and_works(
    portal: Client, open_client: OpenClient
) -> None:
    body = {"scopes": ["deal.read", "contact.read"], "name": "Import"}
    answer = portal.post("/tokens", body)
    assert answer.status == 201
    made = answer.json
    assert answer.headers["location"] == f"/v1/tokens/{made['id']}"
    secret = made.pop("secret")
    assert secret.startswith("pcp_")
    assert made["name"] == "Import"
    assert made["scopes"] == ["contact.read", "deal.read"]
    assert made["expires_at"] is None
    assert portal.get(f"/tokens/{made['id']}").json == made
    me = open_client(secret).get("/me").json
    assert me["token"]["id"] == made["id"]
    assert me["permissions"] == ["contact.read", "deal.read"]


def test_tokens_are_listed_by_pages_the_newest_first(portal: Client) -> None:
    made = [portal.create("/tokens", {"scopes": ["deal.read"]}) for _ in range(5)]
    listed = portal.pages("/tokens", limit=2)
    assert [each["id"] for each in listed[:5]] == [each["id"] for each in made[::-1]]
    assert all("secret" not in each for each in listed)
    page = portal.search("/tokens", include_total=True, limit=1)
    assert page["meta"]["total"] == len(listed)
    assert portal.post("/tokens/search", {"cursor": "x"}).status == 400


def test_a_revoked_token_is_refused_within_a_second(
    portal: Client, open_client: OpenClient
) -> None:
    made = portal.create("/tokens", {"scopes": ["deal.read"]})
    client = open_client(made["secret"])
    assert client.get("/me").status == 200
    path = f"/tokens/{made['id']}"
    assert portal.delete(path).status == 204
    assert within(1, lambda: client.get("/me").status == 401)
    for answer in (portal.get(path), portal.delete(path)):
        assert answer.status == 404
    listed = [each["id"] for each in portal.pages("/tokens")]
    assert made["id"] not in listed


def test_a_token_grants_no_more_than_the_one_it_was_made_with(portal: Client) -> None:
    for scope in ("deal.write", "deal.all", "task.read"):
        answer = portal.post("/tokens", {"scopes": ["contact.read", scope]})
        assert (answer.status, answer.json["refused_by"]) == (403, "scope")


def test_a_token_ends_no_later_than_the_one_it_was_made_with(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(SCOPES, expires_in=timedelta(hours=1)))
    own = moment(client.get("/me").json["token"]["expires_at"])
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    sooner = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    made = client.create("/tokens", {"scopes": ["deal.read"]})
    assert moment(made["expires_at"]) == own
    made = client.create("/tokens", {"scopes": ["deal.read"], "expires_at": later})
    assert moment(made["expires_at"]) == own
    made = client.create("/tokens", {"scopes": ["deal.read"], "expires_at": sooner})
    assert moment(made["expires_at"]) == moment(sooner)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"scopes": "required"}),
        ({"scopes": []}, {"scopes": "required"}),
        ({"scopes": ["everything"]}, {"scopes[0]": "invalid_choice"}),
        ({"scopes": ["deal.read"], "name": "x" * 101}, {"name": "too_long"}),
        (
            {"scopes": ["deal.read"], "expires_at": "2020-01-01T00:00:00Z"},
            {"expires_at": "too_small"},
        ),
        ({"scopes": ["deal.read"], "secret": "x"}, {"secret": "unknown_field"}),
    ],
)
def test_a_bad_token_is_not_made(
    portal: Client, body: dict[str, object], codes: dict[str, str]
) -> None:
    before = portal.search("/tokens", include_total=True)["meta"]["total"]
    answer = portal.post("/tokens", body)
    assert (answer.status, answer.codes) == (422, codes)
    assert portal.search("/tokens", include_total=True)["meta"]["total"] == before


def test_a_token_needs_a_scope_for_tokens(owner: Client) -> None:
    for answer in (
        owner.post("/tokens", {"scopes": ["contact.read"]}),
        owner.post("/tokens/search", {}),
        owner.get("/tokens/pat_" + "0" * 24),
        owner.delete("/tokens/pat_" + "0" * 24),
    ):
        assert (answer.status, answer.json["refused_by"]) == (403, "scope")


def test_nobody_sees_another_users_tokens(
    tenant: Tenant, other_tenant: Tenant, portal: Client, open_client: OpenClient
) -> None:
    made = portal.create("/tokens", {"scopes": ["deal.read"]})
    path = f"/tokens/{made['id']}"
    for secret in (tenant.token(SCOPES, role="admin"), other_tenant.token(SCOPES)):
        other = open_client(secret)
        for ask in (other.get, other.delete):
            answers = [ask(path), ask("/tokens/pat_" + "0" * 24), ask("/tokens/x")]
            assert {each.status for each in answers} == {404}
            assert len({each.json["detail"] for each in answers}) == 1
        assert made["id"] not in [each["id"] for each in other.pages("/tokens")]
        cursor = portal.search("/tokens", limit=1)["meta"]["cursor"]["next"]
        assert other.post("/tokens/search", {"cursor": cursor}).status == 400
    assert portal.get(path).status == 200


def test_a_session_may_look_and_no_more(scene: Scene) -> None:
    who, tokens = session(scene.session), scene.oauth.tokens
    assert tokens.ListTokens(tokens_pb2.ListTokensRequest(), metadata=who, timeout=60)
    contacts = contacts_pb2_grpc.ContactServiceStub(scene.oauth.channel)
    for method, request in (
        (tokens.CreateToken, tokens_pb2.CreateTokenRequest(scopes=["deal.all"])),
        (tokens.RevokeToken, tokens_pb2.RevokeTokenRequest(id="pat_" + "0" * 24)),
        (contacts.SearchContacts, contacts_pb2.SearchContactsRequest()),
    ):
        assert refused(method, request, metadata=who).reason == "TOKEN_INVALID"


def test_no_app_makes_tokens(scene: Scene) -> None:
    app = scene.oauth.register()
    tokens = scene.oauth.exchange(app, scene.oauth.grant(app, scene.session))
    request = tokens_pb2.CreateTokenRequest(scopes=["contact.read"])
    found = refused(
        scene.oauth.tokens.CreateToken, request, metadata=bearer(tokens.access_token)
    )
    assert found.reason == "SCOPE_DENIED"
