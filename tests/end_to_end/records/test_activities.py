"""Activities: what people tell of, and what only the server may."""

from datetime import timedelta
from typing import Any

import pytest

from tests.client import Answer, Client, moment
from tests.end_to_end.scene import timeline
from tests.world import Tenant

MOST_BYTES = 16_384
MOST_DEPTH = 10


@pytest.fixture
def contact(owner: Client) -> str:
    """The id of a contact."""
    return str(owner.create("/contacts", {"email": "ada@example.com"})["id"])


@pytest.fixture
def call(contact: str) -> dict[str, Any]:
    """The least that makes an activity."""
    return {"type": "call", "contact_id": contact}


@pytest.fixture
def path(owner: Client, call: dict[str, Any]) -> str:
    """The path of an activity."""
    return f"/activities/{owner.create('/activities', call)['id']}"


def nested(depth: int) -> Any:
    """An object so deep, arrays and objects in turn."""
    value: Any = "core"
    for level in range(depth - 1, -1, -1):
        value = [value] if level % 2 else {"in": value}
    return value


def sized(size: int, filler: str = "x") -> dict[str, str]:
    """An object of so many bytes as JSON."""
    room = size - len('{"a":""}')
    return {"a": filler * (room // len(filler.encode()))}


@pytest.mark.parametrize("kind", ["email", "call", "meeting"])
def test_an_activity_tells_who_did_what_and_when(
    owner: Client, tenant: Tenant, call: dict[str, Any], kind: str
) -> None:
    made = owner.create("/activities", call | {"type": kind})
    assert (made["type"], made["source"]) == (kind, "api")
    assert made["actor_id"] == made["created_by"] == tenant.users["owner"]
    assert made["metadata"] == {}
    assert made["direction"] is made["duration_seconds"] is made["subject"] is None


def test_it_happened_now_unless_told_otherwise(
    owner: Client, call: dict[str, Any]
) -> None:
    for body in (call, call | {"occurred_at": None}):
        made = owner.create("/activities", body)
        late = moment(made["occurred_at"]) - moment(made["created_at"])
        assert timedelta(0) <= late < timedelta(seconds=1)
        path = f"/activities/{made['id']}"
        past = owner.patch(path, {"occurred_at": "2020-01-01T01:00:00.5+02:00"}).json
        assert past["occurred_at"] == "2019-12-31T23:00:00.5Z"
        again = owner.patch(path, {"occurred_at": None}).json
        assert moment(made["occurred_at"]) < moment(again["occurred_at"])
        assert moment(again["occurred_at"]) <= moment(again["updated_at"])


@pytest.mark.parametrize(
    ("time", "kept"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2026-06-17T14:30:00.120000z", "2026-06-17T14:30:00.12Z"),
        ("0000-12-31T23:59:59Z", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("2026-06-17", None),
    ],
)
def test_any_moment_of_ten_thousand_years_will_do(
    owner: Client, call: dict[str, Any], time: str, kept: str | None
) -> None:
    answer = owner.post("/activities", call | {"occurred_at": time})
    if kept is None:
        assert answer.codes == {"occurred_at": "invalid_format"}
        return
    assert answer.json["occurred_at"] == kept
    condition = {"field": "occurred_at", "operator": "eq", "value": time}
    assert len(owner.search("/activities", filters=[condition])["data"]) == 1


def test_nobody_outside_writes_as_the_system(
    owner: Client, path: str, call: dict[str, Any], contact: str
) -> None:
    before = timeline(owner, contact)
    for answer in (
        owner.post("/activities", call | {"type": "system"}),
        owner.patch(path, {"type": "system"}),
    ):
        assert (answer.status, answer.codes) == (422, {"type": "invalid_choice"})
        assert "system" not in answer.json["errors"][0]["message"]
    for field, value in (("source", "system"), ("actor_id", "usr_1")):
        assert owner.post("/activities", call | {field: value}).codes == {
            field: "read_only"
        }
    assert timeline(owner, contact) == before
    is_system = {"field": "type", "operator": "eq", "value": "system"}
    assert len(owner.search("/activities", filters=[is_system])["data"]) == 1


def test_what_the_system_wrote_stays_as_it_is(
    owner: Client, member: Client, contact: str
) -> None:
    (activity,) = timeline(owner, contact)
    path = f"/activities/{activity['id']}"
    for answer in (
        owner.patch(path, {"subject": "x"}),
        owner.patch(path, {"type": "call"}),
        owner.patch(path, {"contact_id": None}),
        owner.delete(path),
        owner.delete(path, if_match=owner.get(path).headers["etag"]),
    ):
        assert answer.status == 403
        assert answer.json["type"].endswith("/forbidden")
        assert "refused_by" not in answer.json
    assert member.patch(path, {"subject": "x"}).status == 404
    assert timeline(owner, contact) == [activity]


@pytest.mark.parametrize(
    "metadata",
    [
        sized(MOST_BYTES),
        sized(MOST_BYTES, "é"),
        nested(MOST_DEPTH),
        {"": None, "é 🦊": [1, 2.5, True, {}, []], "n": -1e300},
        {f"k{n}": n for n in range(1000)},
    ],
    ids=("bytes", "two-byte letters", "depth", "kinds", "keys"),
)
def test_metadata_is_any_object(
    owner: Client, call: dict[str, Any], metadata: dict[str, Any]
) -> None:
    made = owner.create("/activities", call | {"metadata": metadata})
    assert made["metadata"] == metadata
    assert owner.get(f"/activities/{made['id']}").json == made


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        (sized(MOST_BYTES + 1), "too_large"),
        (sized(MOST_BYTES + 2, "é"), "too_large"),
        (nested(MOST_DEPTH + 1), "invalid"),
        (nested(15), "invalid"),
        ({"a\0": 1}, "invalid"),
        ({"a": [{"b": "\0"}]}, "invalid"),
        ([], "invalid_type"),
        ("{}", "invalid_type"),
    ],
)
def test_metadata_is_bounded(
    owner: Client, path: str, call: dict[str, Any], metadata: object, code: str
) -> None:
    for answer in (
        owner.post("/activities", call | {"metadata": metadata}),
        owner.patch(path, {"metadata": metadata}),
    ):
        assert (answer.status, answer.codes) == (422, {"metadata": code})
    assert owner.get(path).json["metadata"] == {}


@pytest.mark.parametrize("depth", [17, 100, 900])
def test_metadata_beyond_all_depth_is_refused(
    owner: Client, path: str, call: dict[str, Any], depth: int
) -> None:
    def faults(answer: Answer) -> set[str]:
        assert answer.status == 422
        assert all(field.startswith("metadata") for field in answer.codes)
        return set(answer.codes.values())

    body = {"metadata": nested(depth)}
    assert faults(owner.post("/activities", call | body)) == {"invalid"}
    assert faults(owner.patch(path, body)) == {"invalid"}


def test_metadata_is_merged_by_key_within_its_bounds(owner: Client, path: str) -> None:
    first = {"a": 1, "b": {"c": [1]}, "n": None}
    assert owner.patch(path, {"metadata": first}).json["metadata"] == {
        "a": 1,
        "b": {"c": [1]},
    }
    change = {"metadata": {"a": None, "b": {"d": 2}, "e": "x"}}
    assert owner.patch(path, change).json["metadata"] == {"b": {"d": 2}, "e": "x"}
    half = MOST_BYTES // 2
    assert owner.patch(path, {"metadata": {"one": "x" * half}}).status == 200
    full = owner.patch(path, {"metadata": {"two": "x" * half}})
    assert (full.status, full.codes) == (422, {"metadata": "too_large"})
    assert owner.patch(path, {"metadata": None}).json["metadata"] == {}


def test_an_activity_always_has_a_link(owner: Client, path: str, contact: str) -> None:
    company = owner.create("/companies", {"name": "Acme"})["id"]
    assert owner.post("/activities", {"type": "call"}).codes == {
        "contact_id": "required"
    }
    assert owner.patch(path, {"contact_id": None}).codes == {"contact_id": "required"}
    moved = owner.patch(path, {"contact_id": None, "company_id": company})
    assert (moved.json["contact_id"], moved.json["company_id"]) == (None, company)


def test_a_repeated_creation_tells_it_once(
    owner: Client, call: dict[str, Any], contact: str
) -> None:
    first = owner.post("/activities", call, idempotency_key="k")
    again = owner.post("/activities", call, idempotency_key="k")
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(timeline(owner, contact)) == 2


def test_text_is_looked_for_in_subject_and_body(
    owner: Client, call: dict[str, Any]
) -> None:
    owner.create("/activities", call | {"subject": "Gears", "body": "Half\nprice"})
    for text, count in (("GEAR price", 1), ("half", 1), ("created", 0)):
        assert len(owner.search("/activities", search_text=text)["data"]) == count
