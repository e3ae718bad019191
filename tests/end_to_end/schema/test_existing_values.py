"""Values that records have when a key is defined, or its definition made stricter."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.defining import contact, define, definition, refused
from tests.harness.at_once import at_once, crowd
from tests.world import Tenant


def there(client: Client, *values: Any) -> list[str]:
    """Creates a contact for each value of the free field, and returns the ids."""
    return [client.create("/contacts", contact(it=each))["id"] for each in values]


def values(client: Client, ids: list[str]) -> list[Any]:
    return [
        client.get(f"/contacts/{each}").json["custom_fields"].get("it") for each in ids
    ]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("text", [" Ada ", "x", None, ""], ["Ada", "x", None, None]),
        ("integer", [5, 7.0, None], [5, 7, None]),
        ("decimal", [0.5, 1], [0.5, 1]),
        ("boolean", [True], [True]),
        ("date", [" 2026-06-17"], ["2026-06-17"]),
        ("timestamp", ["2026-06-17T14:00:00+02:00"], ["2026-06-17T12:00:00Z"]),
        ("select", ["gold", "tin"], ["gold", "tin"]),
        ("multi_select", [["gold", "gold"], []], [["gold"], None]),
    ],
)
def test_values_that_fit_get_their_normal_form(
    owner: Client, kind: str, before: list[Any], after: list[Any]
) -> None:
    ids = there(owner, *before)
    define(owner, kind)
    assert values(owner, ids) == after


@pytest.mark.parametrize(
    ("kind", "more", "unfit"),
    [
        ("integer", {}, ["5", 1.5, True, ["x"]]),
        ("text", {}, [5, ["x"]]),
        ("text", {"max_length": 2}, ["Ada"]),
        ("date", {}, ["soon"]),
        ("select", {}, ["lead"]),
        ("record", {}, ["cmp_0123456789abcdef01234567"]),
    ],
)
def test_values_that_do_not_fit_stand_in_the_way(
    owner: Client, kind: str, more: dict[str, Any], unfit: list[Any]
) -> None:
    ids = there(owner, *unfit)
    answer = owner.post("/fields", definition(kind, **more))
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (409, "conflict")
    assert answer.json["count"] == len(ids)
    assert sorted(answer.json["sample"]) == sorted(ids)
    assert values(owner, ids) == unfit
    assert owner.search("/fields")["data"] == []


def test_a_sample_holds_ten(owner: Client) -> None:
    ids = there(owner, *(f"no {n}" for n in range(12)))
    answer = owner.post("/fields", definition("integer")).json
    assert (answer["count"], answer["sample"]) == (12, ids[:10])


def test_a_unique_field_wants_values_that_differ(owner: Client) -> None:
    ids = there(owner, "Ada", " ada", "Bob")
    answer = owner.post("/fields", definition("text", unique=True))
    assert (answer.status, answer.json["sample"]) == (409, [ids[1]])
    owner.delete(f"/contacts/{ids[1]}")
    define(owner, "text", unique=True)
    assert refused(owner.post("/contacts", contact(it="BOB"))) == {"it": "not_unique"}


@pytest.mark.parametrize(
    ("kind", "change", "fits", "unfit"),
    [
        ("integer", {"min": 5}, 5, 4),
        ("integer", {"max": 5}, 5, 6),
        ("decimal", {"decimals": 1}, 0.5, 0.25),
        ("text", {"max_length": 3}, "Ada", "Emmy"),
        ("text", {"unique": True}, "x", "Ada"),
    ],
)
def test_a_stricter_definition_wants_values_that_fit(
    owner: Client, kind: str, change: dict[str, Any], fits: Any, unfit: Any
) -> None:
    made = define(owner, kind)
    good = there(owner, fits)
    bad = there(owner, unfit, *([unfit] if "unique" in change else []))
    path = f"/fields/{made['id']}"
    refusal = owner.patch(path, change)
    assert (refusal.status, refusal.json["sample"]) == (409, bad[-1:])
    assert owner.get(path).json == made
    for each in bad[-1:]:
        owner.delete(f"/contacts/{each}")
    assert owner.patch(path, change).status == 200
    assert values(owner, good) == [fits]


def test_a_laxer_definition_frees_values(owner: Client) -> None:
    made = define(owner, "text", unique=True)
    there(owner, "x")
    assert owner.patch(f"/fields/{made['id']}", {"unique": False}).status == 200
    there(owner, "x")
    again = owner.patch(f"/fields/{made['id']}", {"unique": True})
    assert again.status == 409


@pytest.mark.parametrize("writes", ["creates", "updates"])
def test_no_write_slips_past_a_definition(
    tenant: Tenant, owner: Client, writes: str
) -> None:
    """While a key is defined, contacts are written that break the definition.

    Either the definition finds what was written, or the write is refused.
    """
    rows = [owner.create("/contacts", contact())["id"] for _ in range(5)]
    outcomes = set()
    with crowd(tenant, 6) as clients:
        for attempt in range(12):
            key = f"key_{attempt}"
            body: dict[str, Any] = {"custom_fields": {key: "no number"}}

            def act(number: int, key: str = key, body: Any = body) -> int:
                if number == 0:
                    return owner.post("/fields", definition("integer", key=key)).status
                client = clients[number]
                if writes == "creates":
                    return client.post("/contacts", contact() | body).status
                return client.patch(f"/contacts/{rows[number - 1]}", body).status

            defined, *written = at_once(act, range(6))
            done = sum(status != 422 for status in written)
            assert defined == (409 if done else 201)
            outcomes.add(defined)
    assert outcomes


def test_a_hundred_at_once_for_a_unique_value_make_one_record(
    tenant: Tenant, owner: Client
) -> None:
    define(owner, "text", unique=True)
    with crowd(tenant, 8) as clients:

        def write(client: Client) -> list[int]:
            return [
                client.post("/contacts", contact(it=f"value {n}")).status
                for n in range(12)
            ]

        statuses = [each for made in at_once(write, clients) for each in made]
    assert sorted(statuses) == [201] * 12 + [422] * 84
    assert len(owner.pages("/contacts")) == 12
