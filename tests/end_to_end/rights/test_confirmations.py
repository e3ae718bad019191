"""Confirmations of assistants: drawn calls, changes and repetitions against a model.

The model knows the state in which each confirmation was given. A call is done only
with one of its own, in that state, once. What is refused changes nothing.
"""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.rights.confirming import Call, Given, Json, World, tool
from tests.rounds import rounds
from tests.world import Tenant, new_tenant

STEPS = rounds("CONFIRMATIONS")


@pytest.fixture
def world(tenant: Tenant, owner: Client) -> World:
    """The owner with two tokens, and an admin."""
    scopes = ["contact.all", "contact.erase"]
    tokens = [tenant.token(scopes), tenant.token(scopes), tenant.token(scopes, "admin")]
    return World(owner, tokens)


def drawn(draw: random.Random, world: World) -> Call:
    """A call about one or two of the contacts that there are."""
    living = sorted(world.versions.keys() - world.gone)
    while len(living) < 4:
        living.append(world.contact())
    one, other = draw.sample(living, 2)
    name = draw.choice(
        ("delete_contact", "merge_contact", "remove_contact_tag", "batch")
    )
    about: tuple[str, ...] = (one,)
    arguments: Json = {"id": one}
    if draw.random() < 0.1:
        name, arguments["reason"] = "erase_contact", "request"
    if name == "merge_contact":
        about, arguments = (one, other), {"id": one, "ids": [other]}
    if name == "remove_contact_tag":
        arguments["tag"] = draw.choice("ab")
    if name == "batch":
        operation = {"method": "delete", "resource": "contacts", "id": one}
        arguments = {"operations": [operation]}
    return Call(name, json.dumps(arguments), about)


def ask(draw: random.Random, world: World) -> None:
    """Asks for a confirmation, of a new call or of one that was asked for before."""
    known = [each.call for each in world.given if world.of(each.call)]
    call = draw.choice(known) if known and draw.random() < 0.2 else drawn(draw, world)
    token = draw.choice(world.tokens)
    result = tool(world.client, token, call.tool, json.loads(call.arguments))
    told = result["structuredContent"]
    assert not result.get("isError"), told
    assert told["done"] is False
    assert result["_meta"] == {"dry-run": True}
    given = Given(told["confirmation"], call, token, world.of(call))
    world.given.append(given)


def use(draw: random.Random, world: World) -> None:
    """Uses a confirmation: as it was given, or for something else."""
    if not world.given:
        return
    given = draw.choice(world.given[-6:])
    call, token, text = given.call, given.token, given.text
    match draw.choice(("as given", "as given", "as given", "call", "token", "forged")):
        case "call":
            call = drawn(draw, world)
        case "token":
            token = draw.choice(world.tokens)
        case "forged":
            text = draw.choice((text[:-1], f"{text}A", text.swapcase(), "x"))
    is_same = (call, token, text) == (given.call, given.token, given.text)
    was = world.of(call)
    is_good = is_same and not given.is_spent and bool(was) and was == given.versions
    arguments = {**json.loads(call.arguments), "confirmation": text}
    result = tool(world.client, token, call.tool, arguments)
    told = result["structuredContent"]
    assert (not result.get("isError")) == is_good, (call, given, told)
    if is_good:
        assert told.get("done") is not False
        given.is_spent = True
        world.done(call)
    elif is_same:
        given.is_spent = given.is_spent or "changed since" in str(told)
    for contact in call.about:
        status = world.client.get(f"/contacts/{contact}").status
        assert (status in (404, 410)) == (
            contact in world.gone and not merged(world, contact)
        )


def take_a_step(draw: random.Random, world: World, done: list[str]) -> None:
    """Asks, uses or changes something. `done` gets what it does before it does it."""
    step = draw.choice((ask, ask, use, use, use, None))
    done.append(f"{step.__name__ if step else 'change'}, given {world.given[-1:]}")
    if step is not None:
        step(draw, world)
    elif living := sorted(world.versions.keys() - world.gone):
        world.change(draw.choice(living))


def merged(world: World, contact: str) -> bool:
    """Whether the id of a contact leads to another one."""
    answer = world.client.get(f"/contacts/{contact}")
    return answer.status == 200 and answer.json["id"] != contact


def test_drawn_confirmations_are_good_for_what_they_were_given(world: World) -> None:
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    done: list[str] = []
    try:
        for _ in range(STEPS):
            take_a_step(draw, world, done)
        assert any(each.is_spent for each in world.given)
    except AssertionError as error:
        steps = "\n".join(done[-40:])
        raise AssertionError(f"seed {seed}, {len(done)} steps:\n{steps}") from error


def test_a_failure_tells_its_seed_and_its_steps(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a world that takes all confirmations for spent."""
    monkeypatch.setattr(World, "of", lambda *_: ())
    with pytest.raises(AssertionError, match=r"seed \d+, \d+ steps:\n(.|\n)*use"):
        test_drawn_confirmations_are_good_for_what_they_were_given(world)


def test_of_many_calls_at_once_one_is_done(
    tenant: Tenant, owner: Client, open_client: OpenClient
) -> None:
    company = owner.create("/companies", {"name": "Engine"})
    contact = owner.create("/contacts", {"email": "a@b.example", "tags": ["a"]})
    token = tenant.token(["contact.all"])
    its = {"id": contact["id"], "tag": "A"}
    first = tool(owner, token, "remove_contact_tag", its)["structuredContent"]
    its["confirmation"] = first["confirmation"]

    def call(_: int) -> bool:
        client = open_client(token)
        return bool(tool(client, token, "remove_contact_tag", its).get("isError"))

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(call, range(8)))
    assert sorted(refused) == [False, *[True] * 7]
    assert owner.get(f"/contacts/{contact['id']}").json["tags"] == []
    assert owner.get(f"/companies/{company['id']}").status == 200


def test_what_happens_to_others_is_told_and_bound(
    tenant: Tenant, owner: Client
) -> None:
    """A note more, and another confirmation is needed."""
    token = tenant.token()
    contact = owner.create("/contacts", {"email": "a@b.example"})["id"]
    owner.create("/notes", {"contact_id": contact, "body": "one"})
    first = tool(owner, token, "delete_contact", {"id": contact})["structuredContent"]
    assert first["affected"]["notes.deleted"] == 1
    assert "notes deleted: 1" in first["would"]
    assert first["record"]["email"] == "a@b.example"
    owner.create("/notes", {"contact_id": contact, "body": "two"})
    its = {"id": contact, "confirmation": first["confirmation"]}
    refused = tool(owner, token, "delete_contact", its)
    assert refused["isError"]
    message = refused["structuredContent"]["errors"][0]["message"]
    assert "have changed since" in message
    assert owner.get(f"/contacts/{contact}").status == 200


def test_a_repetition_with_its_key_gets_the_first_answer(
    tenant: Tenant, owner: Client
) -> None:
    """The answer was lost: the same call without the confirmation finds it."""
    token = tenant.token()
    ids = [
        owner.create("/contacts", {"email": f"{each}@b.example"})["id"] for each in "ab"
    ]
    its = {"id": ids[0], "ids": ids[1:], "idempotency_key": "once"}
    first = tool(owner, token, "merge_contact", its)["structuredContent"]
    told = {"confirmation": first["confirmation"]}
    done = tool(owner, token, "merge_contact", its | told)["structuredContent"]
    assert done["merge_id"]
    assert tool(owner, token, "merge_contact", its | told)["isError"]
    again = tool(owner, token, "merge_contact", its)["structuredContent"]
    assert again == done


def test_batches_ask_if_they_delete_and_imports_if_they_are_no_dry_runs(
    tenant: Tenant, owner: Client
) -> None:
    token = tenant.token()
    create = {
        "method": "create",
        "resource": "contacts",
        "body": {"email": "a@b.example"},
    }
    made = tool(owner, token, "batch", {"operations": [create]})["structuredContent"]
    (contact,) = (each["record"]["id"] for each in made["data"])
    delete = {"method": "delete", "resource": "contacts", "id": contact}
    its: Json = {"operations": [delete, {"method": 1}, 5]}
    first = tool(owner, token, "batch", its)["structuredContent"]
    assert first["would"].endswith("Of its operations, 1 delete.")
    assert first["answer"]["meta"] == {"succeeded": 1, "failed": 2}
    its["confirmation"] = first["confirmation"]
    done = tool(owner, token, "batch", its)["structuredContent"]
    assert done["data"][0] == {"status": 204}
    assert owner.get(f"/contacts/{contact}").status == 404
    rows: Json = {"resource": "contacts", "mode": "create", "format": "csv"}
    first = tool(owner, token, "create_import", rows)["structuredContent"]
    assert first["done"] is False
    its = rows | {"confirmation": first["confirmation"]}
    assert tool(owner, token, "create_import", its)["structuredContent"]["id"]
    tried = tool(owner, token, "create_import", rows | {"dry_run": True})
    assert tried["structuredContent"]["dry_run"] is True


def test_a_confirmation_of_another_tenant_is_none(
    tenant: Tenant, owner: Client, other_tenant: Tenant
) -> None:
    stranger = new_tenant(tenant.stack)
    its = {"resource": "contacts", "mode": "create", "format": "csv"}
    first = tool(owner, tenant.token(), "create_import", its)["structuredContent"]
    its["confirmation"] = first["confirmation"]
    for each in (other_tenant, stranger):
        refused = tool(owner, each.token(), "create_import", its)
        assert refused["structuredContent"]["errors"][0]["code"] == "not_found"
