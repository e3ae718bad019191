"""What holds for contacts and for no other resource (contract, section 8)."""

from typing import Any

import pytest

from tests.client import Client
from tests.world import Tenant, administer

ADA = {"email": "ada@example.com"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace", **ADA}, "Ada Lovelace"),
        ({"first_name": "Ada", **ADA}, "Ada"),
        ({"last_name": " Lovelace ", "phone": "123"}, "Lovelace"),
        ({"phone": "123", **ADA}, "ada@example.com"),
        ({"phone": "+1 (23)"}, "+1 (23)"),
        ({"first_name": "  ", "last_name": "", **ADA}, "ada@example.com"),
    ],
)
def test_a_contact_is_called_by_the_best_there_is(
    owner: Client, given: dict[str, str], name: str
) -> None:
    assert owner.create("/contacts", given)["name"] == name


def test_the_name_follows_what_it_is_made_of(owner: Client) -> None:
    body = {"first_name": "Ada", "last_name": "King", "phone": "123", **ADA}
    path = f"/contacts/{owner.create('/contacts', body)['id']}"
    steps = [
        ({"last_name": "Lovelace"}, "Ada Lovelace"),
        ({"first_name": None}, "Lovelace"),
        ({"last_name": None}, "ada@example.com"),
        ({"email": None}, "123"),
    ]
    for change, name in steps:
        assert owner.patch(path, change).json["name"] == name


@pytest.mark.parametrize(
    "nothing",
    [
        {},
        {"first_name": "Ada"},
        {"email": None, "phone": None},
        {"email": " ", "phone": ""},
    ],
)
def test_a_contact_can_be_reached_one_way_at_least(
    owner: Client, nothing: dict[str, Any]
) -> None:
    refused = owner.post("/contacts", nothing)
    assert refused.codes == {"email": "required"}
    assert refused.json["detail"] == "Give at least one of email, phone."
    path = f"/contacts/{owner.create('/contacts', ADA | {'phone': '123'})['id']}"
    assert owner.patch(path, {"email": None, "phone": " "}).codes == {
        "email": "required"
    }
    assert owner.patch(path, {"email": ""}).json["name"] == "123"
    assert owner.patch(path, {"phone": None}).codes == {"email": "required"}


@pytest.mark.parametrize(
    "phone",
    ["123", "+55 (11) 98765-4321", "1/2#3", "1.2.3", "020 7946 0018 x12", "1" * 32],
)
def test_a_phone_is_kept_as_given_and_found_by_its_digits(
    owner: Client, phone: str
) -> None:
    made = owner.create("/contacts", {"phone": f" {phone} "})
    assert made["phone"] == phone
    digits = "".join(filter(str.isdigit, phone))
    for written in (phone, digits, f"({digits[:1]}) {digits[1:]}"):
        condition = {"field": "phone", "operator": "eq", "value": written}
        page = owner.search("/contacts", filters=[condition])
        assert [each["id"] for each in page["data"]] == [made["id"]]
    page = owner.search("/contacts", search_text=digits)
    assert [each["id"] for each in page["data"]] == [made["id"]]


@pytest.mark.parametrize(
    "phone",
    ["12", "+-()", "1-2", "123 ext 4", "123\n456", "１２３", "12a3"],  # noqa: RUF001 - so
)
def test_what_is_no_phone_is_refused(owner: Client, phone: str) -> None:
    assert owner.post("/contacts", {"phone": phone}).codes == {
        "phone": "invalid_format"
    }


@pytest.mark.parametrize(
    "email",
    ["a@b.co", "Ada+crm@Sub.Example.COM", "o'hara@x-y.museum", "用户@例え.jp"],
)
def test_an_address_is_kept_as_given(owner: Client, email: str) -> None:
    assert owner.create("/contacts", {"email": email})["email"] == email


@pytest.mark.parametrize(
    "email", ["ada", "ada@", "@b.co", "a@b", "a b@c.de", "a@b@c.de", "a@b..co", "a@.co"]
)
def test_what_is_no_address_is_refused(owner: Client, email: str) -> None:
    assert owner.post("/contacts", {"email": email}).codes == {
        "email": "invalid_format"
    }


@pytest.mark.parametrize("country", ["br", "BRA", "UK", "Brazil", "ZZ"])
def test_a_country_is_two_letters_of_iso_3166(owner: Client, country: str) -> None:
    answer = owner.post("/contacts", ADA | {"country": country})
    assert answer.codes == {"country": "invalid_choice"}


def test_texts_are_trimmed_and_empty_ones_are_null(owner: Client) -> None:
    given = {"first_name": "\t Ada ", "city": "  ", "state": "", **ADA}
    made = owner.create("/contacts", given)
    assert (made["first_name"], made["city"], made["state"]) == ("Ada", None, None)
    path = f"/contacts/{made['id']}"
    changed = owner.patch(path, {"first_name": "\u00a0", "source": " fair "}).json
    assert (changed["first_name"], changed["source"]) == (None, "fair")


def test_lengths_count_characters_after_trimming(owner: Client) -> None:
    longest = "\U0001f600é" * 50
    made = owner.create("/contacts", ADA | {"first_name": f"  {longest}  "})
    assert made["first_name"] == longest
    too_long = owner.post("/contacts", ADA | {"first_name": longest + "e"})
    assert too_long.codes == {"first_name": "too_long"}


def test_a_field_with_a_default_is_never_empty(owner: Client) -> None:
    given = ADA | {"lifecycle_stage": None, "lead_score": None}
    made = owner.create("/contacts", given)
    assert (made["lifecycle_stage"], made["lead_score"]) == ("lead", 0)
    path = f"/contacts/{made['id']}"
    owner.patch(path, {"lifecycle_stage": "customer", "lead_score": 100})
    back = owner.patch(path, {"lifecycle_stage": None, "lead_score": None}).json
    assert (back["lifecycle_stage"], back["lead_score"]) == ("lead", 0)


def test_a_contact_is_its_creators_unless_said_otherwise(
    owner: Client, tenant: Tenant
) -> None:
    assert owner.create("/contacts", ADA)["owner_id"] == tenant.users["owner"]
    viewers = ADA | {"owner_id": tenant.users["viewer"]}
    assert owner.create("/contacts", viewers)["owner_id"] == tenant.users["viewer"]
    assert owner.create("/contacts", ADA | {"owner_id": None})["owner_id"] is None
    assert owner.create("/contacts", ADA | {"owner_id": " "})["owner_id"] is None


def test_a_user_of_another_tenant_owns_nothing_here(
    owner: Client, other_tenant: Tenant
) -> None:
    foreign = {"owner_id": other_tenant.users["owner"]}
    assert owner.post("/contacts", ADA | foreign).codes == {"owner_id": "not_found"}
    path = f"/contacts/{owner.create('/contacts', ADA)['id']}"
    assert owner.patch(path, foreign).codes == {"owner_id": "not_found"}


def test_a_reference_of_another_kind_is_told_what_it_takes(owner: Client) -> None:
    for wrong in ("acme", owner.create("/contacts", ADA)["id"]):
        refused = owner.post("/contacts", ADA | {"company_id": wrong})
        assert refused.codes == {"company_id": "not_found"}
        assert refused.json["detail"] == "Give a company id, which begins with cmp_"


def test_create_always_creates(owner: Client) -> None:
    made = {owner.create("/contacts", ADA | {"phone": "123"})["id"] for _ in range(3)}
    assert len(made) == 3


def test_custom_fields_come_back_as_they_went(owner: Client) -> None:
    fields = {
        "text": "São 'Paulo' \\ \" %_",
        "empty": "",
        "whole": 42,
        "most": 2**53,
        "least": -(2**53),
        "fraction": 0.1,
        "small": 1e-7,
        "large": 1.5e300,
        "yes": True,
        "no": False,
        "nothing": None,
        "list": ["b", "a", "b"],
        "none": [],
        "k" * 64: "long",
    }
    made = owner.create("/contacts", ADA | {"custom_fields": fields})
    assert made["custom_fields"] == fields
    got = owner.get(f"/contacts/{made['id']}")
    assert got.json["custom_fields"] == fields
    assert b'"whole":42,' in got.body  # and not 42.0


def test_custom_fields_are_a_hundred_at_most_even_when_merged(owner: Client) -> None:
    most = {f"key_{n}": n for n in range(100)}
    made = owner.create("/contacts", ADA | {"custom_fields": most})
    path = f"/contacts/{made['id']}"
    one_more = {"custom_fields": {"other": 1}}
    assert owner.patch(path, one_more).codes == {"custom_fields": "too_many"}
    instead = {"custom_fields": {"other": 1, "key_0": None}}
    assert len(owner.patch(path, instead).json["custom_fields"]) == 100


def test_a_search_sees_what_was_answered_before(owner: Client) -> None:
    path = f"/contacts/{owner.create('/contacts', ADA)['id']}"
    for city in ("Rome", "Oslo", "Lima"):
        owner.patch(path, {"city": city})
        condition = {"field": "city", "operator": "eq", "value": city}
        assert len(owner.search("/contacts", filters=[condition])["data"]) == 1
    owner.delete(path)
    assert owner.search("/contacts")["data"] == []


def test_a_deleted_contact_stays_inside_for_a_later_restore(
    owner: Client, tenant: Tenant
) -> None:
    made = owner.create("/contacts", ADA)["id"]
    owner.delete(f"/contacts/{made}")
    row = administer(
        tenant.stack.database_url,
        lambda database: database.row(
            "SELECT email, deleted_at FROM contacts WHERE business_id = $1 AND id = $2",
            tenant.business_id,
            made,
        ),
    )
    assert row is not None
    assert row[0] == ADA["email"]
    assert row[1] is not None
