"""Searches by words look through the fields that are defined as searchable."""

from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.end_to_end.schema.defining import contact, define, definition
from tests.world import Tenant


def found(client: Client, words: str, path: str = "/contacts") -> list[str]:
    """The ids of the records that words find, oldest first."""
    pages = client.pages(path, search_text=words, sort_direction="asc")
    return [each["id"] for each in pages]


@pytest.mark.parametrize(
    ("kind", "value", "words", "others"),
    [
        ("text", "Größe Dreißig", ["grosse", "DREI", "ße drei"], ["zwei", "grosse qq"]),
        ("long_text", "x " * 9000 + "\nEnde gut", ["ende", "gut ende"], ["anfang"]),
        ("email", "zoe@rhine.test", ["rhine.test", "ZOE@"], ["bob@"]),
        ("phone", "+49 (30) 1234-5", ["4930", "301234"], ["99"]),
        ("url", "https://engine.test/a", ["engine.test/a"], ["engine.test/b"]),
    ],
)
def test_words_are_found_in_a_searchable_field(
    owner: Client, kind: str, value: str, words: list[str], others: list[str]
) -> None:
    define(owner, kind, searchable=True)
    made = owner.create("/contacts", contact(it=value))["id"]
    owner.create("/contacts", contact())
    assert [found(owner, each) for each in words] == [[made] for _ in words]
    assert [found(owner, each) for each in others] == [[] for _ in others]


def test_words_may_stand_in_different_fields(owner: Client) -> None:
    define(owner, "text", searchable=True)
    define(owner, "text", key="more", searchable=True)
    both = contact(it="Rhine", more="Harbour") | {"first_name": "Ada"}
    made = owner.create("/contacts", both)["id"]
    owner.create("/contacts", contact(it="Rhine"))
    assert found(owner, "ada rhine harbour") == [made]
    assert found(owner, "ada rhine danube") == []


def test_a_field_is_not_searched_unless_it_says_so(owner: Client) -> None:
    define(owner, "text")
    owner.create("/contacts", contact(it="Rhine", free="Rhine"))
    assert found(owner, "rhine") == []


def test_a_search_follows_each_write(owner: Client) -> None:
    define(owner, "text", searchable=True)
    made = owner.create("/contacts", contact(it="Rhine"))["id"]
    path = f"/contacts/{made}"
    owner.patch(path, {"custom_fields": {"it": "Danube"}})
    assert (found(owner, "rhine"), found(owner, "danube")) == ([], [made])
    owner.patch(path, {"custom_fields": {"it": None}})
    assert found(owner, "danube") == []


@pytest.mark.parametrize("kind", ["text", "long_text"])
def test_values_from_before_become_searchable_and_cease_to_be(
    owner: Client, kind: str
) -> None:
    made = owner.create("/contacts", contact(it="Rhine"))["id"]
    field = f"/fields/{define(owner, kind)['id']}"
    for searchable in (True, False, True):
        assert owner.patch(field, {"searchable": searchable}).status == 200
        assert found(owner, "rhine") == ([made] if searchable else [])
    assert owner.delete(field).status == 204
    assert found(owner, "rhine") == []
    assert owner.post(f"{field}/restore").status == 200
    assert found(owner, "rhine") == [made]


def test_nobody_finds_what_they_do_not_see(
    tenant: Tenant, owner: Client, stranger: Client, open_client: OpenClient
) -> None:
    for client in (owner, stranger):
        define(client, "text", searchable=True)
        client.create("/contacts", contact(it="Rhine"))
    assert len(found(owner, "rhine")) == len(found(stranger, "rhine")) == 1
    assert found(open_client(tenant.tokens["member"]), "rhine") == []


@pytest.mark.parametrize(
    ("path", "body"),
    [("notes", {"body": "A"}), ("tasks", {"name": "A"}), ("deals", {"name": "A"})],
)
def test_every_object_can_be_searched(
    owner: Client, path: str, body: dict[str, Any]
) -> None:
    owner.create("/fields", definition("text", object=path, searchable=True))
    if path == "notes":
        body = body | {"contact_id": owner.create("/contacts", contact())["id"]}
    made = owner.create(f"/{path}", body | {"custom_fields": {"it": "Rhine"}})["id"]
    assert found(owner, "rhine", f"/{path}") == [made]
