"""What a live tenant decides holds in its sandboxes: who may use them, and how much."""

from functools import partial
from typing import Any

import pytest

from services.iam import tenants, tokens
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.sandboxes.boxes import inside, make, state, tenant_name
from tests.harness.promptly import within
from tests.harness.wire.events import streaming
from tests.world import ALL_SCOPES, NO_LIMIT, Tenant, administer

ROLE = "UPDATE users SET role = $3 WHERE business_id = $1 AND id = $2"


@pytest.fixture
def admin(tenant: Tenant, open_client: OpenClient) -> Client:
    return open_client(tenant.tokens["admin"])


def deactivate(tenant: Tenant, role: str) -> None:
    administer(
        tenant.stack.database_url,
        lambda database: tenants.deactivate_user(
            database, tenant.name, tenant.email(role)
        ),
    )


def is_refused(client: Client) -> bool:
    return client.get("/me").status == 401


def limit(tenant: Tenant, requests: int) -> None:
    """Sets how many requests a second a tenant may send."""
    administer(
        tenant.stack.database_url,
        lambda database: tenants.set_rate_limit(database, tenant.name, (requests, 1)),
    )


def token_inside(tenant: Tenant, sandbox: Any, email: str) -> str:
    """Another token in a sandbox, which an operator makes for a user."""
    name = tenant_name(sandbox)
    return administer(
        tenant.stack.database_url,
        lambda database: tokens.issue_token(
            database, name, email, ALL_SCOPES, rate_limit=NO_LIMIT
        ),
    )


def email_inside(its: Client, tenant: Tenant, role: str) -> str:
    """The made-up address that the user of a role has in a sandbox."""
    users = {each["id"]: each["email"] for each in its.pages("/users")}
    return str(users[tenant.users[role]])


def test_who_is_deactivated_may_use_no_sandbox(
    owner: Client, admin: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    sandbox, other = make(admin), make(owner)
    with inside(owner, sandbox) as its, inside(owner, other) as owners:
        token = its.create("/tokens", {"scopes": ["contact.read"]})
        made = open_client(token["secret"])
        assert (its.get("/me").status, made.get("/me").status) == (200, 200)
        deactivate(tenant, "admin")
        for client in (its, made):
            assert within(2, partial(is_refused, client))
        assert owners.get("/me").status == 200
        # The sandbox itself is the tenant's, and a reset lets nobody in again.
        assert owner.post(f"/sandboxes/{sandbox['id']}/reset", {}).status == 200
        assert within(60, lambda: state(owner, sandbox) == "ready")
        assert its.get("/me").status == 401


def test_a_stream_of_who_is_deactivated_ends(owner: Client, tenant: Tenant) -> None:
    sandbox = make(owner)
    with inside(owner, sandbox) as its:
        secret = token_inside(tenant, sandbox, email_inside(its, tenant, "admin"))
        with streaming(tenant.stack.http, secret) as events:
            events.block()
            deactivate(tenant, "admin")
            its.create("/contacts", {"email": "ada@engine.example"})
            # What was committed within a second of it may still be told.
            name, told = events.event()
            while name != "problem":
                its.create("/companies", {"name": "Acme"})
                name, told = events.event()
    assert told["status"] == 401


def test_a_reset_brings_roles_in_line(owner: Client, tenant: Tenant) -> None:
    sandbox = make(owner)
    with inside(owner, sandbox) as its:
        assert its.get("/me").json["role"] == "owner"
        whose = tenant.business_id, tenant.users["owner"], "manager"
        administer(tenant.stack.database_url, lambda db: db.run(ROLE, *whose))
        admin = tenant.client("admin")
        admin.post(f"/sandboxes/{sandbox['id']}/reset", {})
        assert within(60, lambda: state(admin, sandbox) == "ready")
        assert within(2, lambda: its.get("/me").json["role"] == "manager")
        admin.close()


def test_an_operators_token_of_a_sandbox_says_that_it_is_one(
    owner: Client, tenant: Tenant, open_client: OpenClient
) -> None:
    sandbox = make(owner)
    with inside(owner, sandbox) as its:
        email = email_inside(its, tenant, "owner")
    secret = token_inside(tenant, sandbox, email)
    assert secret.startswith("pct_")
    assert open_client(secret).get("/me").json["sandbox"] is True
    assert tenant.token().startswith("pcp_")


def test_a_sandbox_keeps_a_quarter_when_the_limit_changes(
    owner: Client, tenant: Tenant
) -> None:
    sandbox = make(owner)

    def has(most: int) -> bool:
        listed = its.get("/limits").json["data"]
        found = [e["limit"] for e in listed if e["name"] == "requests"]
        return bool(found[-1] == most)

    with inside(owner, sandbox) as its:
        assert has(NO_LIMIT[0] // 4)
        for requests, part in ((4_000_000, 1_000_000), (2_000_002, 500_000)):
            limit(tenant, requests)
            assert within(2, partial(has, part))
