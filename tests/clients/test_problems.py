"""A problem is an exception of its type, with all that the document tells."""

from dataclasses import replace
from typing import Any

from edge.problems import PROBLEMS
from tests.clients.programs import Account, Step, run
from tests.clients.unreliable import Network, Said
from tests.world import Tenant

NOBODY = "con_" + 24 * "0"
CREATE = Step("contacts.create", body={"email": "ada@engine.example"})

# A client that is typed does not get these. One is of operations of a batch alone.
PLAIN = {"dependency-failed", "method-not-allowed", "range-not-satisfiable"} | {
    "unsupported-media-type"
}


def problem(client: str, account: Account, step: Step) -> dict[str, Any]:
    """The problem that a call ends with."""
    (outcome,) = run(client, account, step)
    found: dict[str, Any] = outcome["error"]
    return found


def test_a_validation_problem_tells_every_fault(client: str, account: Account) -> None:
    wrong = Step("contacts.create", body={"email": "x", "lead_score": 300})
    found = problem(client, account, wrong)
    assert found["class"] == "ValidationFailed"
    assert found["status"] == 422
    assert found["type"].endswith("/problems/validation")
    assert found["title"] == "Validation failed"
    assert found["detail"] == "2 fields failed validation."
    assert found["instance"] == "/v1/contacts"
    assert len(found["trace_id"]) == 32
    faults = {fault["field"]: fault["code"] for fault in found["errors"]}
    assert faults == {"email": "invalid_format", "lead_score": "too_large"}
    assert all(fault["message"] for fault in found["errors"])
    texts = [f"{each['field']}: {each['message']}" for each in found["errors"]]
    assert found["text"] == f"422 {'; '.join(texts)}"


def test_what_is_not_there_is_not_found(client: str, account: Account) -> None:
    found = problem(client, account, Step("contacts.get", [NOBODY]))
    assert (found["class"], found["status"]) == ("NotFound", 404)


def test_a_path_is_quoted(client: str, account: Account) -> None:
    """Whatever an id holds, it stays one segment of the path."""
    found = problem(client, account, Step("contacts.get", ["../me?x=1#y"]))
    assert found["class"] == "NotFound"


def test_no_token_is_unauthorized(client: str, account: Account) -> None:
    found = problem(client, replace(account, token="pcp_no"), CREATE)
    assert (found["class"], found["status"]) == ("Unauthorized", 401)


def test_forbidden_tells_who_refused(
    client: str, account: Account, tenant: Tenant
) -> None:
    viewer = replace(account, token=tenant.tokens["viewer"])
    found = problem(client, viewer, CREATE)
    assert (found["class"], found["status"]) == ("Forbidden", 403)
    assert (found["refused_by"], found["required"]) == ("role", "contact.write")


def test_a_stale_version_is_a_precondition(client: str, account: Account) -> None:
    (made,) = run(client, account, CREATE)
    stale = Step(
        "contacts.update", [made["id"]], {"lead_score": 1}, {"if_match": '"9"'}
    )
    assert problem(client, account, stale)["class"] == "PreconditionFailed"


def test_a_conflict_names_what_stands_in_the_way(
    client: str, account: Account, network: Network
) -> None:
    other = {"email": "countess@engine.example"}
    survivor, merged = run(client, account, CREATE, replace(CREATE, body=other))
    into = Step("contacts.merge", [survivor["id"]], {"ids": [merged["id"]]})
    run(client, account, into)
    network.seen.clear()
    found = problem(client, account, Step("contacts.delete", [merged["id"]]))
    assert (found["class"], found["status"]) == ("Conflict", 409)
    assert (found["used_by"], found["count"]) == ([survivor["id"]], 1)
    assert found["sample"] == []
    assert len(network.seen) == 1


def test_a_conflict_has_a_sample_of_records(client: str, account: Account) -> None:
    own = {"email": "b@engine.example", "custom_fields": {"seats": "many"}}
    (made,) = run(client, account, replace(CREATE, body=own))
    field = {"object": "contacts", "key": "seats", "label": "S", "type": "integer"}
    found = problem(client, account, Step("fields.create", body=field))
    assert found["class"] == "Conflict"
    assert (found["sample"], found["count"]) == ([made["id"]], 1)
    assert found["used_by"] == []


def test_a_used_key_is_told(client: str, account: Account) -> None:
    options = {"idempotency_key": "order-1815"}
    other = {"email": "babbage@engine.example"}
    run(client, account, replace(CREATE, options=options))
    found = problem(client, account, replace(CREATE, body=other, options=options))
    assert found["class"] == "IdempotencyKeyReused"


def test_a_limit_tells_when_to_come_again(
    client: str, account: Account, tenant: Tenant
) -> None:
    limited = replace(
        account, token=tenant.token(rate_limit=(1, 3600)), retries={"attempts": 1}
    )
    assert "error" not in run(client, limited, Step("me.get"))[0]
    found = problem(client, limited, Step("me.get"))
    assert (found["class"], found["status"]) == ("RateLimited", 429)
    assert 0 < found["retry_after"] <= 3600


def test_each_type_of_problem_has_its_class(
    client: str, account: Account, network: Network
) -> None:
    slugs = sorted({kind.slug for kind in PROBLEMS.values()})
    network.faults += [
        Said(418, {}, b'{"type": "https://some.example/%s"}' % slug.encode())
        for slug in slugs
    ]
    outcomes = run(client, account, *[CREATE] * len(slugs))
    plain = {
        slug
        for slug, outcome in zip(slugs, outcomes, strict=True)
        if outcome["error"]["class"] == "Problem"
    }
    assert plain == PLAIN


def test_an_answer_of_a_stranger_goes_by_its_status(
    client: str, account: Account, network: Network
) -> None:
    """Whatever stands between client and API may answer in its own words."""
    bodies = [b"", b"[]", b"null", b"<html>", b'{"type": 5}']
    network.faults += [Said(400, {}, body) for body in bodies]
    network.faults += [Said(status) for status in (401, 418, 501)]
    network.faults += [Said(302, {"Location": "/"})]
    outcomes = run(client, account, *[CREATE] * len(network.faults))
    names = [outcome["error"]["class"] for outcome in outcomes]
    assert names[:5] == ["BadRequest"] * 5
    assert names[5:] == ["Unauthorized", "Problem", "ServerError", "Problem"]
