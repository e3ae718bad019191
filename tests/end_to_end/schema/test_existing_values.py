"""Values that records have when a key is defined, or its definition made stricter."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.schema.defining import contact, define, definition, refused
from tests.harness.at_once import at_once, crowd
from tests.rounds import rounds
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


def test_of_many_at_once_one_gets_a_unique_value(tenant: Tenant, owner: Client) -> None:
    define(owner, "text", unique=True)
    values = 12 * rounds("EXTERNAL_ID_ROUNDS")
    with crowd(tenant, 8) as clients:

        def write(client: Client) -> list[int]:
            return [
                client.post("/contacts", contact(it=f"value {n}")).status
                for n in range(values)
            ]

        statuses = [each for made in at_once(write, clients) for each in made]
    assert sorted(statuses) == [201] * values + [422] * 7 * values
    assert len(owner.pages("/contacts")) == values


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("integer", [" 5 ", "-7", 8], [5, -7, 8]),
        ("integer", ["5.0"], [5]),
        ("decimal", ["0.25", "+3", 1], [0.25, 3, 1]),
        ("text", [5, 0.5, True, False], ["5", "0.5", "true", "false"]),
        ("phone", [4930123], ["4930123"]),
        ("boolean", ["true", " FALSE "], [True, False]),
        ("timestamp", ["2026-06-17"], ["2026-06-17T00:00:00Z"]),
        ("select", [["gold"], "iron"], ["gold", "iron"]),
        ("multi_select", ["gold"], [["gold"]]),
    ],
)
def test_values_are_converted_on_request(
    owner: Client, kind: str, before: list[Any], after: list[Any]
) -> None:
    ids = there(owner, *before)
    define(owner, kind, existing="convert")
    assert values(owner, ids) == after


@pytest.mark.parametrize(
    ("kind", "unfit"),
    [
        ("integer", ["five", "1.5", "1e3", "9007199254740993", "", True, ["5"]]),
        ("decimal", ["0.1234567890123456789", "1,5"]),
        ("boolean", ["yes", 1, 0]),
        ("date", ["2026-06-17T12:00:00Z", 20260617]),
        ("select", [["gold", "iron"], "Gold"]),
        ("text", [["a"]]),
    ],
)
def test_what_cannot_be_converted_stands_in_the_way(
    owner: Client, kind: str, unfit: list[Any]
) -> None:
    ids = there(owner, *unfit)
    answer = owner.post("/fields", definition(kind, existing="convert"))
    assert answer.status == 409
    wrong = [each for each, value in zip(ids, unfit, strict=True) if value != ""]
    assert answer.json["sample"] == wrong
    assert values(owner, ids) == unfit


def test_values_that_do_not_fit_are_cleared_on_request(owner: Client) -> None:
    ids = there(owner, "5", 7, "x")
    define(owner, "integer", existing="clear")
    assert values(owner, ids) == [None, 7, None]
    found = owner.search("/contacts", order_by="custom_fields.it")["data"]
    assert found[0]["id"] == ids[1]


def test_the_oldest_keeps_a_unique_value_when_others_are_cleared(owner: Client) -> None:
    ids = there(owner, "Ada", " ada", "Bob")
    define(owner, "text", unique=True, existing="clear")
    assert values(owner, ids) == ["Ada", None, "Bob"]
    assert refused(owner.post("/contacts", contact(it="ADA"))) == {"it": "not_unique"}


def test_a_stricter_definition_clears_on_request(owner: Client) -> None:
    made = define(owner, "integer")
    ids = there(owner, 4, 5, 6)
    path = f"/fields/{made['id']}"
    assert owner.patch(path, {"min": 5, "existing": "convert"}).status == 409
    assert owner.patch(path, {"min": 5, "existing": "clear"}).status == 200
    assert values(owner, ids) == [None, 5, 6]
    below = {"field": "custom_fields.it", "operator": "lt", "value": 5}
    assert owner.search("/contacts", filters=[below])["data"] == []


def test_a_cleared_reference_leads_nowhere(owner: Client) -> None:
    ids = there(owner, "cmp_0123456789abcdef01234567")
    define(owner, "record", existing="clear")
    assert values(owner, ids) == [None]


@pytest.mark.parametrize("existing", ["guess", 5, True])
def test_nothing_else_happens_to_existing_values(owner: Client, existing: Any) -> None:
    answer = owner.post("/fields", definition("integer", existing=existing))
    assert list(answer.codes) == ["existing"]
    made = define(owner, "integer", existing=None)
    changed = owner.patch(f"/fields/{made['id']}", {"existing": existing, "min": 1})
    assert list(changed.codes) == ["existing"]
