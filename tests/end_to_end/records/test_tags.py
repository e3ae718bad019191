"""Tags of a contact: added and removed one by one, compared without regard to case."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from tests.client import Client
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant


@pytest.fixture
def path(owner: Client) -> str:
    """The path of a contact with two tags."""
    given = {"email": "ada@example.com", "tags": ["VIP", "fair 2026"]}
    return f"/contacts/{owner.create('/contacts', given)['id']}"


def test_doubles_are_dropped_and_the_first_spelling_stays(owner: Client) -> None:
    given = {"phone": "123", "tags": ["Vip", " b ", "VIP", "B", "É", "é"]}
    assert owner.create("/contacts", given)["tags"] == ["Vip", "b", "É"]


def test_tags_are_doubles_where_a_search_finds_both(owner: Client) -> None:
    tags = ["\u0130stanbul", "istanbul", "\u03a3\u0391\u03a3", "\u03c3\u03b1\u03c3"]
    contact = owner.create("/contacts", {"phone": "123", "tags": tags})
    assert contact["tags"] == [tags[0], tags[2]]
    path = f"/contacts/{contact['id']}/tags"
    assert owner.delete(f"{path}/{quote('istanbul')}").json["tags"] == [tags[2]]
    assert owner.delete(f"{path}/{quote(tags[3])}").json["tags"] == []


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (["new"], ["VIP", "fair 2026", "new"]),
        (["vip"], ["VIP", "fair 2026"]),
        ([" New ", "NEW", "Fair 2026"], ["VIP", "fair 2026", "New"]),
        (["x" * 64], ["VIP", "fair 2026", "x" * 64]),
    ],
)
def test_tags_are_added_to_those_there(
    owner: Client, path: str, added: list[str], expected: list[str]
) -> None:
    answer = owner.post(f"{path}/tags", {"tags": added})
    assert (answer.status, answer.json["tags"]) == (200, expected)
    got = owner.get(path)
    assert got.body == answer.body
    assert got.headers["etag"] == answer.headers["etag"]


def test_adding_what_is_there_changes_nothing(owner: Client, path: str) -> None:
    before = owner.get(path)
    after = owner.post(f"{path}/tags", {"tags": ["vip", "FAIR 2026"]})
    assert after.body == before.body
    assert after.headers["etag"] == before.headers["etag"]


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"tags": "required"}),
        ({"tags": None}, {"tags": "required"}),
        ({"tags": []}, {"tags": "required"}),
        ({"tags": "VIP"}, {"tags": "invalid_type"}),
        (
            {"tags": ["", 5, "x" * 65]},
            {"tags[0]": "too_short", "tags[1]": "invalid_type", "tags[2]": "too_long"},
        ),
        ({"tags": ["a"], "id": "con_1"}, {"id": "unknown_field"}),
        ({"tags": ["a"], "etag": "1"}, {"etag": "unknown_field"}),
        ({"tags": [str(n) for n in range(51)]}, {"tags": "too_many"}),
        ({"tags": ["VIP"] * 1_001}, {"tags": "too_many"}),
    ],
)
def test_what_are_no_tags_is_refused(
    owner: Client, path: str, body: dict[str, Any], codes: dict[str, str]
) -> None:
    answer = owner.post(f"{path}/tags", body)
    assert (answer.status, answer.codes) == (422, codes)


def test_doubles_do_not_count(owner: Client, path: str) -> None:
    answer = owner.post(f"{path}/tags", {"tags": ["VIP", "vip", " Vip "] * 300})
    assert answer.status == 200, answer.body


def test_a_contact_has_fifty_tags_at_most(owner: Client, path: str) -> None:
    answer = owner.post(f"{path}/tags", {"tags": [str(n) for n in range(48)]})
    assert len(answer.json["tags"]) == 50
    one_more = owner.post(f"{path}/tags", {"tags": ["new"]})
    assert (one_more.status, one_more.codes) == (422, {"tags": "too_many"})
    assert owner.post(f"{path}/tags", {"tags": ["VIP"]}).status == 200


@pytest.mark.parametrize("tag", ["VIP", "vip", "Vip%20", "%56IP"])
def test_a_tag_is_removed_whatever_its_case(owner: Client, path: str, tag: str) -> None:
    answer = owner.delete(f"{path}/tags/{tag}")
    assert (answer.status, answer.json["tags"]) == (200, ["fair 2026"])
    assert owner.get(path).body == answer.body


@pytest.mark.parametrize("tag", ["a/b", "50%", "a?b=c", "São Paulo", "#1", "..", "a+b"])
def test_any_tag_can_be_named_in_a_path(owner: Client, path: str, tag: str) -> None:
    owner.patch(path, {"tags": [tag, "other"]})
    answer = owner.delete(f"{path}/tags/{quote(tag, safe='')}")
    assert (answer.status, answer.json["tags"]) == (200, ["other"])


def test_removing_what_is_not_there_changes_nothing(owner: Client, path: str) -> None:
    before = owner.get(path)
    for tag in ("new", "VI", "x" * 1000):
        after = owner.delete(f"{path}/tags/{tag}")
        assert (after.status, after.body) == (200, before.body)
        assert after.headers["etag"] == before.headers["etag"]


def test_tags_added_at_once_are_all_there(
    tenant: Tenant, owner: Client, path: str, open_client: OpenClient
) -> None:
    clients = [open_client(tenant.tokens["owner"]) for _ in range(8)]

    def add(number: int) -> list[int]:
        return [
            clients[number].post(f"{path}/tags", {"tags": [f"{number} {n}"]}).status
            for n in range(5)
        ]

    with ThreadPoolExecutor(len(clients)) as threads:
        assert list(threads.map(add, range(8))) == [[200] * 5] * 8
    assert len(owner.get(path).json["tags"]) == 42
