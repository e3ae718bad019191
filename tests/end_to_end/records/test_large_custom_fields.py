"""The custom fields of a record stay within 1 MiB, however they are put together."""

from typing import Any

import orjson
import pytest

from tests.client import Client

MOST = 1_048_576
ADA = {"email": "ada@example.com"}
TOO_LARGE = {"custom_fields": "too_large"}

# 400,000 bytes; two of these fit on a record, and three do not.
LARGE = ["😀" * 2_000] * 50


def wide(**body: Any) -> bytes:
    """A body with its characters as they are: escaped they are three times as long."""
    return orjson.dumps(body)


def size(record: Any) -> int:
    return len(orjson.dumps(record["custom_fields"]))


def test_patches_fill_a_record_no_further(owner: Client) -> None:
    path = f"/contacts/{owner.create('/contacts', ADA)['id']}"
    for number in range(10):
        answer = owner.patch(path, wide(custom_fields={f"k{number}": LARGE}))
        if number < 2:
            assert answer.status == 200
            assert answer.json["custom_fields"][f"k{number}"] == LARGE
        else:
            assert (answer.status, answer.codes) == (422, TOO_LARGE)
    full = owner.get(path).json
    assert full["custom_fields"].keys() == {"k0", "k1"}
    assert size(full) < MOST


def test_what_a_patch_removes_makes_room(owner: Client) -> None:
    made = owner.create(
        "/contacts", wide(**ADA, custom_fields={"a": LARGE, "b": LARGE})
    )
    path = f"/contacts/{made['id']}"
    assert owner.patch(path, wide(custom_fields={"c": LARGE})).codes == TOO_LARGE
    instead = owner.patch(path, wide(custom_fields={"a": None, "c": LARGE}))
    assert instead.json["custom_fields"] == {"b": LARGE, "c": LARGE}


def test_a_full_record_can_be_changed(owner: Client) -> None:
    fields: dict[str, Any] = {"a": LARGE, "b": LARGE}
    rest: dict[str, Any] = {f"k{number}": ["x" * 2_000] * 30 for number in range(4)}
    room = MOST - size({"custom_fields": fields | rest | {"last": [""] * 4}})
    rest["last"] = [*["y" * (room // 4)] * 3, "y" * (room - room // 4 * 3)]
    made = owner.create("/contacts", wide(**ADA, custom_fields=fields))
    path = f"/contacts/{made['id']}"
    made, fields = owner.patch(path, {"custom_fields": rest}).json, fields | rest
    assert size(made) == MOST
    assert owner.patch(path, {"city": "Rome"}).json["custom_fields"] == fields
    assert owner.post(f"{path}/tags", {"tags": ["vip"]}).status == 200
    assert owner.patch(path, {"custom_fields": {"z": None}}).status == 200
    assert owner.patch(path, {"custom_fields": {"z": 1}}).codes == TOO_LARGE


@pytest.mark.parametrize("path", ["/contacts", "/companies", "/contacts/upsert"])
def test_the_longest_text_fits_under_each_key(owner: Client, path: str) -> None:
    given = {"name": "Analytical"} if path == "/companies" else ADA
    longest = {f"key_{n}": "😀" * 2_000 for n in range(100)}
    answer = owner.post(path, wide(**given, custom_fields=longest))
    assert answer.status in (200, 201)


@pytest.mark.parametrize("match", ["id", "email"])
def test_an_upsert_fills_a_record_no_further(owner: Client, match: str) -> None:
    made = owner.create(
        "/contacts", wide(**ADA, custom_fields={"a": LARGE, "b": LARGE})
    )
    whom = {match: made[match]}
    more = owner.post("/contacts/upsert", wide(**whom, custom_fields={"c": LARGE}))
    assert (more.status, more.codes) == (422, TOO_LARGE)
    instead = wide(**whom, custom_fields={"a": None, "c": LARGE})
    kept = owner.post("/contacts/upsert", instead).json["data"]["custom_fields"]
    assert kept == {"b": LARGE, "c": LARGE}
