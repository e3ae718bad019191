"""A sandbox gives nobody more than they have in the live tenant, nor for longer."""

import pytest

from services.iam.tokens import revoke_token
from tests.client import Client
from tests.end_to_end.sandboxes.boxes import inside, make
from tests.harness.promptly import within
from tests.world import Tenant, administer

MAKES = ["sandbox.all", "schema.read", "deal.read"]


@pytest.mark.parametrize(
    ("copy", "lacking"),
    [("schema", "schema.read"), ("schema_and_sample", "activity.read")],
)
def test_what_may_not_be_read_is_not_copied(
    owner: Client, tenant: Tenant, copy: str, lacking: str
) -> None:
    live = owner.token
    owner.token = tenant.token(["sandbox.write"])
    answer = owner.post("/sandboxes", {"name": "A", "copy": copy})
    assert (answer.status, answer.json["refused_by"]) == (403, "scope")
    assert lacking in answer.json["detail"]
    assert owner.post("/sandboxes", {"name": "A", "copy": "nothing"}).status == 201
    owner.token = live


def test_a_sandboxs_tokens_end_with_the_token_that_made_it(
    owner: Client, tenant: Tenant
) -> None:
    made = tenant.token(MAKES)
    live, owner.token = owner.token, made
    sandbox = make(owner)
    owner.token = live
    with inside(owner, sandbox) as its:
        assert its.get("/me").status == 200
        more = its.create("/tokens", {"scopes": ["contact.read"]})["secret"]
        administer(
            tenant.stack.database_url, lambda database: revoke_token(database, made)
        )
        assert within(5, lambda: its.get("/me").status == 401)
        its.token = more
        assert within(5, lambda: its.get("/me").status == 401)


def test_the_audit_tells_who_made_a_sandbox_and_planted_faults(owner: Client) -> None:
    sandbox = make(owner, "nothing")
    path = f"/sandboxes/{sandbox['id']}/faults"
    assert owner.post(path, {"answer": 500, "for_requests": 1}).status == 200
    assert owner.delete(path).status == 204
    told = owner.search("/audit")["data"]
    its = {
        each["event"]: each["ip"] for each in told if each["target"] == sandbox["id"]
    }
    assert its == dict.fromkeys(
        ("sandbox_created", "sandbox_faults_planted", "sandbox_faults_ended"),
        "127.0.0.1",
    )
