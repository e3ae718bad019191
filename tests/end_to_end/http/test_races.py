"""Races: what stays true when many ask for the same thing at the same moment.

Each promise is also held against a program with a fault that breaks it, so that a
race which nothing loses is known to be a race.
"""

from collections.abc import Callable, Mapping, Sequence

import pytest

from tests import stacks
from tests.client import Answer
from tests.harness.at_once import at_once, crowd
from tests.harness.programs.faulty_program import program
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

Promise = Callable[[Tenant], None]

MOST_RACES = 20  # until a planted fault has shown itself


def ok(answers: list[Answer]) -> list[Answer]:
    """The answers, all of which must be good."""
    wrong = [(each.status, each.body) for each in answers if each.status >= 300]
    assert not wrong, wrong
    return answers


def contacts(tenant: Tenant) -> list[dict[str, object]]:
    """All contacts of the tenant."""
    client = tenant.client()
    try:
        return client.pages("/contacts", limit=100)
    finally:
        client.close()


def new_contact(tenant: Tenant) -> str:
    """Creates a contact and returns its path."""
    client = tenant.client()
    try:
        return f"/contacts/{client.create('/contacts', {'email': 'a@b.example'})['id']}"
    finally:
        client.close()


def equal_keys_make_one_record(tenant: Tenant) -> None:
    body = {"email": "one@race.example"}
    with crowd(tenant, 50) as clients:
        answers = ok(
            at_once(
                lambda each: each.post("/contacts", body, idempotency_key="k"), clients
            )
        )
    assert len(contacts(tenant)) == 1, "one key made several records"
    assert len({answer.body for answer in answers}) == 1
    assert {answer.status for answer in answers} == {201}
    first = [a for a in answers if "idempotent-replayed" not in a.headers]
    assert len(first) == 1


def upserts_of_one_email_make_one_contact(tenant: Tenant) -> None:
    spellings = ("new@race.example", "NEW@race.example", "New@Race.Example")
    bodies = [{"email": spellings[number % 3]} for number in range(50)]
    upsert_at_once(tenant, bodies)


def upserts_of_one_phone_make_one_contact(tenant: Tenant) -> None:
    spellings = ("+49 30 1234-567", "(4930) 1234567", "49301234567")
    bodies = [{"phone": spellings[number % 3]} for number in range(50)]
    upsert_at_once(tenant, bodies)


def upsert_at_once(tenant: Tenant, bodies: list[dict[str, str]]) -> None:
    """Upserts all bodies at once: only the first one makes a contact."""
    with crowd(tenant, len(bodies)) as clients:
        answers = ok(
            at_once(
                lambda pair: pair[0].post("/contacts/upsert", pair[1]),
                list(zip(clients, bodies, strict=True)),
            )
        )
    made = contacts(tenant)
    assert len(made) == 1, "upserts of one value made several contacts"
    assert {answer.json["data"]["id"] for answer in answers} == {made[0]["id"]}
    outcomes = [answer.json["status"] for answer in answers]
    assert outcomes.count("created") == 1
    assert outcomes.count("updated") == len(bodies) - 1


def tags_added_at_once_all_stay(tenant: Tenant) -> None:
    path = new_contact(tenant)
    tags = [f"tag {number}" for number in range(50)]
    with crowd(tenant, 50) as clients:
        ok(
            at_once(
                lambda pair: pair[0].post(f"{path}/tags", {"tags": [pair[1]]}),
                list(zip(clients, tags, strict=True)),
            )
        )
        kept = clients[0].get(path).json["tags"]
    assert sorted(kept) == sorted(tags), "a tag was lost"


def patches_of_different_fields_all_stay(tenant: Tenant) -> None:
    path = new_contact(tenant)
    names = ("first_name", "last_name", "job_title", "source", "address1", "city")
    patches: list[dict[str, object]] = [{name: f"{name}!"} for name in names]
    patches += [{"custom_fields": {f"key_{number}": number}} for number in range(14)]
    with crowd(tenant, len(patches)) as clients:
        ok(
            at_once(
                lambda pair: pair[0].patch(path, pair[1]),
                list(zip(clients, patches, strict=True)),
            )
        )
        kept = clients[0].get(path).json
    expected = {name: f"{name}!" for name in names}
    assert {name: kept[name] for name in names} == expected, "a patch was lost"
    expected_keys = {f"key_{number}": number for number in range(14)}
    assert kept["custom_fields"] == expected_keys, "a patch was lost"


def one_of_many_conditional_patches_wins(tenant: Tenant) -> None:
    path = new_contact(tenant)
    with crowd(tenant, 20) as clients:
        etag = clients[0].get(path).headers["etag"]
        answers = at_once(
            lambda pair: pair[1].patch(
                path, {"first_name": f"n{pair[0]}"}, if_match=etag
            ),
            list(enumerate(clients)),
        )
        kept = clients[0].get(path)
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == 1, "several conditional writes won"
    assert statuses.count(412) == 19
    winner = answers[statuses.index(200)]
    assert winner.body == kept.body
    assert winner.headers["etag"] == kept.headers["etag"] != etag


def race_often(promise: Promise, stack: Stack) -> None:
    """Races again and again, until the promise is broken."""
    for _ in range(MOST_RACES):
        promise(new_tenant(stack))


# The promises, each with what is said when it is broken, by the fault that breaks it.
PROMISES: Mapping[str, Sequence[tuple[Promise, str]]] = {
    "key_apart": [(equal_keys_make_one_record, "several records")],
    "upsert_unlocked": [
        (upserts_of_one_email_make_one_contact, "several contacts"),
        (upserts_of_one_phone_make_one_contact, "several contacts"),
    ],
    "version_unchecked": [
        (tags_added_at_once_all_stay, "tag was lost"),
        (patches_of_different_fields_all_stay, "patch was lost"),
        (one_of_many_conditional_patches_wins, "conditional writes won"),
    ],
}


@pytest.mark.parametrize(
    "promise", [promise for each in PROMISES.values() for promise, _ in each]
)
def test_race(promise: Promise, tenant: Tenant) -> None:
    promise(tenant)


@pytest.mark.canary
@pytest.mark.parametrize("fault", PROMISES)
def test_races_are_lost_with_a_planted_fault(fault: str, database_url: str) -> None:
    running = stacks.running("together", database_url, program=program(fault))
    with running as stack:
        for promise, loss in PROMISES[fault]:
            with pytest.raises(AssertionError, match=loss):
                race_often(promise, stack)
