"""Who gets in, and what scopes and roles let them do (contract, section 4)."""

import time
from datetime import timedelta

import pytest

from services.iam import tenants, tokens
from services.postgres.database import Database
from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.http.problem_checks import check_problem
from tests.harness.promptly import within
from tests.promises.record_values import UNKNOWN_DIGITS
from tests.world import Tenant, administer

NO_CONTACT = f"/contacts/con_{UNKNOWN_DIGITS}"

# Every operation on contacts, a body for it, and the permission that it takes.
OPERATIONS: tuple[tuple[str, str, object, str], ...] = (
    ("GET", NO_CONTACT, None, "contact.read"),
    ("POST", "/contacts/search", {}, "contact.read"),
    ("POST", "/contacts", {}, "contact.write"),
    ("POST", "/contacts/upsert", {}, "contact.write"),
    ("PATCH", NO_CONTACT, {}, "contact.write"),
    ("POST", f"{NO_CONTACT}/tags", {}, "contact.write"),
    ("DELETE", f"{NO_CONTACT}/tags/VIP", None, "contact.write"),
    ("DELETE", NO_CONTACT, None, "contact.delete"),
)

# What each role may do with contacts.
ROLES = {
    "owner": {"contact.read", "contact.write", "contact.delete"},
    "admin": {"contact.read", "contact.write", "contact.delete"},
    "manager": {"contact.read", "contact.write", "contact.delete"},
    "member": {"contact.read", "contact.write"},
    "viewer": {"contact.read"},
}


def is_refused(client: Client) -> bool:
    return client.get("/me").status == 401


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "{}",
        "Basic {}",
        "Token {}",
        "Bearer {}x",
        "Bearer x{}",
        "Bearer {} {}",
        "Bearer {}, Bearer {}",
        "Bearer \u00fc",
        "Bearer pcp_" + "0" * 56,
        "Bearer " + "x" * 5000,
    ],
)
def test_what_is_no_good_token_is_refused(
    owner: Client, tenant: Tenant, authorization: str
) -> None:
    header = authorization.replace("{}", tenant.tokens["owner"])
    answer = owner.get("/me", authorization=header)
    check_problem(answer, 401, "unauthorized", "/v1/me")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_the_scheme_is_read_without_regard_to_case(
    owner: Client, tenant: Tenant
) -> None:
    token = tenant.tokens["owner"]
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert owner.get("/me", authorization=f"{scheme} {token}").status == 200


def test_a_token_may_end_by_itself(tenant: Tenant, open_client: OpenClient) -> None:
    ended = open_client(tenant.token(expires_in=timedelta(seconds=-1)))
    check_problem(ended.get("/me"), 401, "unauthorized")
    for seconds in (0.6, 6, 60):  # a busy machine needs longer to see it live
        began = time.time()
        ending = open_client(tenant.token(expires_in=timedelta(seconds=seconds)))
        if ending.get("/me").status == 200:
            break
    assert within(seconds + 0.4, lambda: is_refused(ending))
    assert time.time() >= began + seconds, "it ended too early"


def test_a_revoked_token_is_refused_within_a_second(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    token = tenant.token()
    client = open_client(token)
    assert client.get("/me").status == 200
    url = tenant.stack.database_url
    administer(url, lambda database: tokens.revoke_token(database, token))
    assert within(1, lambda: is_refused(client))
    assert owner.get("/me").status == 200


def test_a_deactivated_user_is_refused_within_a_second_with_every_token(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    clients = [open_client(tenant.token(role="member")) for _ in range(3)]
    assert [client.get("/me").status for client in clients] == [200] * 3
    administer(
        tenant.stack.database_url,
        lambda database: tenants.deactivate_user(
            database, tenant.name, tenant.email("member")
        ),
    )
    assert within(1, lambda: all(is_refused(client) for client in clients))
    shown = owner.get(f"/users/{tenant.users['member']}")
    assert shown.json["active"] is False


@pytest.mark.parametrize(("method", "path", "body", "permission"), OPERATIONS)
def test_an_operation_takes_its_own_scope(
    tenant: Tenant,
    open_client: OpenClient,
    method: str,
    path: str,
    body: object,
    permission: str,
) -> None:
    actions = ("contact.read", "contact.write", "contact.delete")
    others = [each for each in actions if each != permission]
    refused = open_client(tenant.token([*others, "company.all"]))
    answer = refused.send(method, path, body)
    check_problem(answer, 403, "forbidden", f"/v1{path}")
    assert answer.json["refused_by"] == "scope"
    assert answer.json["required"] == permission
    for scope in (permission, "contact.all"):
        allowed = open_client(tenant.token([scope]))
        assert allowed.send(method, path, body).status in (200, 404, 422)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_it_may_and_no_more(
    tenant: Tenant, open_client: OpenClient, role: str
) -> None:
    client = open_client(tenant.tokens[role])
    for method, path, body, permission in OPERATIONS:
        answer = client.send(method, path, body)
        if permission in ROLES[role]:
            assert answer.status in (200, 404, 422), (method, path)
        else:
            check_problem(answer, 403, "forbidden", f"/v1{path}")
            assert answer.json["refused_by"] == "role"
            assert answer.json["required"] == permission


def test_a_tenant_may_define_a_role(tenant: Tenant, open_client: OpenClient) -> None:
    """A role of its own, made in the database: reads all, writes nothing else."""

    async def make(database: Database) -> str:
        await database.run(
            "INSERT INTO roles (business_id, name, grants) VALUES ($1, 'auditor', $2)",
            tenant.business_id,
            {"contact": {"actions": ["read"], "visibility": "all"}},
        )
        email = f"auditor@{tenant.name}.example"
        await tenants.create_user(database, tenant.name, email, "auditor")
        return await tokens.issue_token(
            database, tenant.name, email, ["contact.all", "deal.all"]
        )

    client = open_client(administer(tenant.stack.database_url, make))
    me = client.get("/me").json
    assert (me["role"], me["permissions"]) == ("auditor", ["contact.read"])
    assert client.post("/contacts/search", {}).status == 200
    assert client.post("/contacts", {}).json["refused_by"] == "role"


def test_a_change_of_role_is_seen_within_a_second(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.tokens["viewer"])
    assert client.post("/contacts", {}).status == 403
    administer(
        tenant.stack.database_url,
        lambda database: database.run(
            "UPDATE users SET role = 'manager' WHERE business_id = $1 AND id = $2",
            tenant.business_id,
            tenant.users["viewer"],
        ),
    )
    assert within(1, lambda: client.post("/contacts", {}).status != 403)
