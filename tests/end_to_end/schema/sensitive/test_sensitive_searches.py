"""No search, upsert or refused write tells anything of a sensitive value."""

from typing import Any

import pytest

from tests.client import Answer, Client
from tests.end_to_end.schema.defining import contact, define, definition
from tests.end_to_end.schema.sensitive.keeping import MASKED, READ_ONLY, SECRET, kept

OPERATORS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("eq", {"value": SECRET}),
    ("neq", {"value": SECRET}),
    ("in", {"values": [SECRET]}),
    ("contains", {"value": "z"}),
    ("starts_with", {"value": "z"}),
    ("is_empty", {}),
    ("is_not_empty", {}),
)


@pytest.mark.parametrize(("operator", "more"), OPERATORS)
def test_no_filter_compares_it(
    operator: str, more: dict[str, Any], owner: Client, manager: Client
) -> None:
    define(owner, "text", sensitive=True)
    kept(owner)
    plain = {"field": MASKED[0], "operator": operator, **more}
    for filters, place in (
        ([plain], "filters[0].field"),
        ([{"not": plain}], "filters[0].not.field"),
        ([{"any": [{"all": [plain]}]}], "filters[0].any[0].all[0].field"),
    ):
        refused = manager.post("/contacts/search", {"filters": filters})
        assert refused.codes == {place: "invalid_choice"}
        assert owner.post("/contacts/search", {"filters": filters}).status == 200


def test_no_search_orders_by_it(owner: Client, manager: Client) -> None:
    define(owner, "text", sensitive=True)
    asked = {"order_by": MASKED[0]}
    assert owner.post("/contacts/search", asked).status == 200
    refused = manager.post("/contacts/search", asked)
    unknown = manager.post("/contacts/search", {"order_by": "custom_fields.no"})
    assert refused.codes == {"order_by": "invalid_choice"}
    assert refused.json["errors"] == unknown.json["errors"]


def test_words_do_not_look_through_it(owner: Client) -> None:
    answer = owner.post("/fields", definition("text", sensitive=True, searchable=True))
    assert answer.codes == {"sensitive": "invalid"}
    field = f"/fields/{define(owner, 'text', searchable=True)['id']}"
    assert owner.patch(field, {"sensitive": True}).codes == {"sensitive": "invalid"}
    both = {"sensitive": True, "searchable": False}
    assert owner.patch(field, both).status == 200
    kept(owner)
    assert owner.search("/contacts", search_text=SECRET)["data"] == []


def test_no_upsert_matches_by_it(owner: Client, manager: Client) -> None:
    define(owner, "text", sensitive=True, unique=True)
    kept(owner)

    def upsert(value: str, key: str = "it") -> Answer:
        body = {"match_on": f"custom_fields.{key}", "custom_fields": {key: value}}
        return manager.post("/contacts/upsert", body | {"email": "a@b.example"})

    held, free, unknown = upsert(SECRET), upsert("other"), upsert(SECRET, key="ti")
    assert held.codes == READ_ONLY | {"match_on": "invalid_choice"}
    assert held.json["errors"] == free.json["errors"]
    of_unknown = unknown.json["errors"][0]["message"].replace("'ti'", "'it'")
    assert of_unknown in [each["message"] for each in held.json["errors"]]


@pytest.mark.parametrize("value", [SECRET, "other", "", None, 7, ["a"]])
def test_a_write_tells_nothing_of_the_value(
    value: Any, owner: Client, manager: Client
) -> None:
    define(owner, "text", sensitive=True, unique=True, max_length=9)
    path = kept(owner)
    before = owner.get(path)
    body = {"custom_fields": {"it": value}}
    by_id = body | {"match_on": "id", "id": path.rpartition("/")[2]}
    for refused in (
        manager.post("/contacts", contact(it=value)),
        manager.patch(path, body),
        manager.post("/contacts/upsert", by_id),
    ):
        assert (refused.status, refused.codes) == (422, READ_ONLY)
    after = owner.get(path)
    assert (after.json, after.headers["etag"]) == (before.json, before.headers["etag"])
