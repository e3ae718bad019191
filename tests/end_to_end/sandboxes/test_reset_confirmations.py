"""A confirmation of an assistant is good once, also where a reset brings its record
back, and no longer than ten minutes of the sandbox's clock.
"""

from typing import Any

from tests.client import Client
from tests.end_to_end.rights.confirming import tool
from tests.end_to_end.sandboxes.boxes import inside, make, state
from tests.end_to_end.sandboxes.test_clock import move
from tests.harness.promptly import within
from tests.world import Tenant

DELETE = "delete_contact"


def asked(its: Client, token: str, contact: str, confirmation: str = "") -> Any:
    """What a tool answers that deletes a contact."""
    given = {"id": contact} | ({"confirmation": confirmation} if confirmation else {})
    return tool(its, token, DELETE, given)["structuredContent"]


def reset(owner: Client, sandbox: Any) -> None:
    assert owner.post(f"/sandboxes/{sandbox['id']}/reset").status == 200
    assert within(60, lambda: state(owner, sandbox) == "ready")


def test_a_confirmation_does_not_outlive_a_reset(owner: Client, tenant: Tenant) -> None:
    for number in range(3):
        owner.create("/contacts", {"email": f"c{number}@a.example"})
    sandbox = make(owner, "schema_and_sample", seed=3)
    token = sandbox["token"]
    with inside(owner, sandbox) as its:
        one, other = [each["id"] for each in its.pages("/contacts")][:2]
        spent = asked(its, token, one)["confirmation"]
        assert asked(its, token, one, spent) == {"deleted": True}
        move(owner, sandbox, advance="P1D")
        later = asked(its, token, other)["confirmation"]
        reset(owner, sandbox)
        assert {one, other} <= {each["id"] for each in its.pages("/contacts")}
        for contact, confirmation in ((one, spent), (other, later)):
            problem = asked(its, token, contact, confirmation)
            assert [e["field"] for e in problem["errors"]] == ["confirmation"], problem
        assert {one, other} <= {each["id"] for each in its.pages("/contacts")}
