"""PATCH is a JSON merge patch: absent is unchanged, null is cleared, lists replaced."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Client, moment
from tests.end_to_end.conftest import OpenClient
from tests.world import Tenant

ADA = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "tags": ["VIP", "fair"],
    "custom_fields": {"plan": "gold", "seats": 5},
}


@pytest.fixture
def path(owner: Client) -> str:
    """The path of a new contact."""
    return f"/contacts/{owner.create('/contacts', ADA)['id']}"


Step = tuple[dict[str, Any], Any]


@pytest.mark.parametrize(
    ("field", "steps"),
    [
        ("first_name", [({}, "Ada"), ({"first_name": None}, None)]),
        ("first_name", [({"first_name": "Eve"}, "Eve"), ({"last_name": "X"}, "Eve")]),
        ("tags", [({"tags": ["new"]}, ["new"]), ({"tags": []}, [])]),
        ("tags", [({"tags": None}, []), ({"tags": ["a", "A", "b"]}, ["a", "b"])]),
        (
            "custom_fields",
            [
                ({"custom_fields": {}}, {"plan": "gold", "seats": 5}),
                ({"custom_fields": {"seats": 6}}, {"plan": "gold", "seats": 6}),
                ({"custom_fields": {"plan": None}}, {"seats": 6}),
                ({"custom_fields": {"none": None, "a": [""]}}, {"seats": 6, "a": [""]}),
                ({"custom_fields": {"a": ["b"]}}, {"seats": 6, "a": ["b"]}),
                ({"custom_fields": None}, {}),
            ],
        ),
    ],
)
def test_a_merge_patch_leaves_this(
    owner: Client, path: str, field: str, steps: Sequence[Step]
) -> None:
    for change, expected in steps:
        answer = owner.patch(path, change)
        assert answer.status == 200
        assert answer.json[field] == expected
        assert owner.get(path).body == answer.body


def test_a_patch_may_change_everything_at_once(owner: Client, path: str) -> None:
    change = {
        "email": None,
        "phone": "+1 555 0100",
        "first_name": "Grace",
        "tags": None,
        "lead_score": 80,
        "custom_fields": {"plan": None, "region": "EU"},
    }
    got = owner.patch(path, change).json
    kept = {name: got[name] for name in change}
    assert kept == change | {"tags": [], "custom_fields": {"seats": 5, "region": "EU"}}
    assert got["name"] == "Grace"


def test_a_change_moves_updated_at_and_nothing_else_does(
    owner: Client, path: str
) -> None:
    first = owner.get(path).json
    assert owner.patch(path, {"first_name": " Ada "}).json == first
    assert owner.patch(path, {"custom_fields": {"plan": "gold"}}).json == first
    changed = owner.patch(path, {"first_name": "Eve"}).json
    assert moment(changed["updated_at"]) > moment(first["updated_at"])
    assert changed["created_at"] == first["created_at"]
    assert changed["created_by"] == first["created_by"]


def test_a_refused_patch_changes_nothing(owner: Client, path: str) -> None:
    before = owner.get(path)
    refused = owner.patch(path, {"first_name": "Eve", "lead_score": 101})
    assert refused.codes == {"lead_score": "too_large"}
    after = owner.get(path)
    assert after.body == before.body
    assert after.headers["etag"] == before.headers["etag"]


@pytest.mark.parametrize("body", [b"[]", b'"a"', b"5", b"null", b"true"])
def test_a_patch_is_an_object(owner: Client, path: str, body: bytes) -> None:
    answer = owner.patch(path, body)
    assert (answer.status, answer.codes) == (422, {"body": "invalid_type"})


def test_no_body_at_all_is_an_empty_patch(owner: Client, path: str) -> None:
    before = owner.get(path)
    answer = owner.send("PATCH", path)
    assert (answer.status, answer.body) == (200, before.body)


def test_patches_at_once_lose_nothing(
    tenant: Tenant, owner: Client, path: str, open_client: OpenClient
) -> None:
    """Each writes fields of its own; all of them are there in the end."""
    clients = [open_client(tenant.tokens["owner"]) for _ in range(8)]

    def write(number: int) -> list[int]:
        client = clients[number]
        return [
            client.patch(path, {"custom_fields": {f"k{number}_{n}": n}}).status
            for n in range(5)
        ]

    with ThreadPoolExecutor(len(clients)) as threads:
        statuses = list(threads.map(write, range(len(clients))))
    assert statuses == [[200] * 5] * len(clients)
    fields = owner.get(path).json["custom_fields"]
    assert len(fields) == 2 + len(clients) * 5
