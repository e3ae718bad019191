"""`GET /me` and users: what any valid token may read."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.promises.records_suite import WRITTEN
from tests.world import Tenant

RESOURCES = sorted(
    {
        each.policy.permission_resource or each.name
        for each in WRITTEN
        if not each.policy.any_token
    }
    | {"sandbox", "booking", "email"}
)
# Owners and admins alone write these, and all roles see all of them.
_SCHEMA = tuple(
    f"{resource}.{action}"
    for resource in ("schema", "topic", "sender")
    for action in ("delete", "write")
)
_ERASE = "contact.erase"
_WEBHOOKS = tuple(
    f"{resource}.{action}"
    for resource in ("sandbox", "webhook")
    for action in ("delete", "read", "write")
)
# What happens to records is only read.
_FOLLOW = "change.read"
USER_FIELDS = ["id", "name", "email", "active", "role", "created_at", "updated_at"]

# A manager deletes none of these.
_KEPT = (
    *("company", "deal", "record", "report", "schedule", "meeting_type", "booking"),
    *("template", "email"),
)

# Who did what in the account is only read, too, and not by all.
_AUDIT = "audit.read"
_MORE = (*_SCHEMA, _ERASE, _AUDIT)

DENIED = {
    "owner": (),
    "admin": (),
    "manager": (
        *(f"{resource}.delete" for resource in _KEPT),
        *(*_MORE, *_WEBHOOKS),
    ),
    "member": (  # deletes its own hours and busy times
        *(f"{resource}.delete" for resource in RESOURCES if resource != "schedule"),
        *(*_MORE, *_WEBHOOKS),
    ),
    "viewer": (
        *(f"{r}.{action}" for r in RESOURCES for action in ("delete", "write")),
        *_WEBHOOKS,
        *(_ERASE, _AUDIT),
    ),
}


def test_me_tells_who_the_token_stands_for(owner: Client, tenant: Tenant) -> None:
    answer = owner.get("/me")
    me = answer.json
    assert list(me) == [
        "business",
        "user",
        "role",
        "token",
        "permissions",
        "visibility",
        "rate_limit",
    ]
    assert me["business"] == {"id": tenant.business_id, "name": tenant.name}
    assert me["user"] == owner.get(f"/users/{tenant.users['owner']}").json
    assert me["role"] == "owner"
    assert me["token"] == {
        "id": me["token"]["id"],
        "kind": "pat",
        "client_id": None,
        "expires_at": None,
        "scopes": sorted(
            [
                *(f"{resource}.all" for resource in (*RESOURCES, "audit", "change")),
                _ERASE,
            ]
        ),
    }
    assert me["token"]["id"].startswith("pat_")
    assert me["rate_limit"] == {
        "limit": int(answer.headers["x-ratelimit-limit"]),
        "window_seconds": 1,
        "remaining": int(answer.headers["x-ratelimit-remaining"]),
        "reset": int(answer.headers["x-ratelimit-reset"]),
    }


@pytest.mark.parametrize("role", DENIED)
def test_me_tells_what_role_and_scopes_both_grant(
    tenant: Tenant, open_client: OpenClient, role: str
) -> None:
    me = open_client(tenant.tokens[role]).get("/me").json
    every = (f"{r}.{a}" for r in RESOURCES for a in ("delete", "read", "write"))
    everything = sorted([*every, _ERASE, _FOLLOW, _AUDIT])
    assert me["role"] == role
    assert me["permissions"] == [p for p in everything if p not in DENIED[role]]
    seen = "own" if role == "member" else "all"
    whole = ("schema", "topic", "sender", "change", "audit", "webhook", "sandbox")
    always = dict.fromkeys(whole, "all")
    assert me["visibility"] == dict.fromkeys(RESOURCES, seen) | always


def test_permissions_are_no_more_than_the_tokens_scopes(
    tenant: Tenant, open_client: OpenClient
) -> None:
    scopes = ["deal.write", "contact.all", "company.delete"]
    me = open_client(tenant.token(scopes, "manager")).get("/me").json
    assert me["token"]["scopes"] == sorted(scopes)
    assert me["permissions"] == [
        "contact.delete",
        "contact.read",
        "contact.write",
        "deal.write",
    ]


def test_me_tells_when_the_token_ends(tenant: Tenant, open_client: OpenClient) -> None:
    token = tenant.token(expires_in=timedelta(days=30))
    ends = open_client(token).get("/me").json["token"]["expires_at"]
    left = datetime.fromisoformat(ends) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left < timedelta(days=30)


def test_any_token_reads_every_user_of_its_tenant(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(["note.read"], "member"))
    users = {user["id"]: user for user in client.pages("/users", limit=2)}
    assert users.keys() == set(tenant.users.values())
    for role, user_id in tenant.users.items():
        got = client.get(f"/users/{user_id}")
        assert got.json == users[user_id]
        assert list(got.json) == USER_FIELDS
        assert got.json["name"] == f"{role.title()} of {tenant.name}"
        assert got.json["email"] == tenant.email(role)
        assert (got.json["active"], got.json["role"]) == (True, role)


@pytest.mark.parametrize(
    ("condition", "roles"),
    [
        ({"field": "role", "operator": "eq", "value": "Viewer"}, {"viewer"}),
        (
            {"field": "role", "operator": "in", "values": ["owner", "admin"]},
            {"owner", "admin"},
        ),
        ({"field": "active", "operator": "eq", "value": False}, set()),
        ({"field": "email", "operator": "starts_with", "value": "ADMIN@"}, {"admin"}),
        ({"field": "name", "operator": "contains", "value": "member of"}, {"member"}),
    ],
)
def test_users_are_searched_like_any_record(
    owner: Client, condition: dict[str, object], roles: set[str]
) -> None:
    page = owner.search("/users", filters=[condition])
    assert {user["role"] for user in page["data"]} == roles


def test_users_are_found_by_name_and_address(owner: Client, tenant: Tenant) -> None:
    for text in ("viewer", "VIEW", f"viewer {tenant.name}", tenant.email("viewer")):
        page = owner.search("/users", search_text=text)
        assert [user["role"] for user in page["data"]] == ["viewer"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_users_and_me_are_only_read(owner: Client, tenant: Tenant, method: str) -> None:
    for path in (f"/users/{tenant.users['viewer']}", "/me"):
        assert owner.send(method, path, {}).status == 405
    assert owner.post("/users", {}).status == 404
