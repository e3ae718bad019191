"""An undone merge of deals gives money and stage back whole, or leaves both."""

from itertools import product
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.merging.merged import merge, unmerge, without_time

PATH = "/deals"


def stages(client: Client) -> dict[str, str]:
    """The ids of the default pipeline's stages, by their names."""
    (pipeline,) = client.search("/pipelines")["data"]
    return {each["name"]: each["id"] for each in pipeline["stages"]}


def deal(client: Client, stage: str = "New", **values: Any) -> str:
    """A new deal; its id."""
    body = {"name": "Pump", "stage_id": stages(client)[stage], **values}
    return str(client.create(PATH, body)["id"])


def deals(client: Client, *ids: str) -> list[dict[str, Any]]:
    return [without_time(client.get(f"{PATH}/{each}").json) for each in ids]


def move(client: Client, its: str, stage: str) -> None:
    answer = client.post(f"{PATH}/{its}/stage", {"stage_id": stages(client)[stage]})
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("stage", ["Qualified", "Won", "Lost"])
def test_all_is_as_it_was(stage: str, owner: Client) -> None:
    chosen = [("value",), ("stage_id",), ("value", "stage_id"), ()]
    for names, value in product(chosen, (5, None)):
        one = deal(owner, value=value, currency="EUR")
        reason = {"lost_reason": "Price"} if stage == "Lost" else {}
        two = deal(owner, stage, value=7, currency="USD", **reason)
        before = deals(owner, one, two)
        values = dict.fromkeys(names, two)
        merge_id = merge(owner, one, two, values=values, path=PATH)["merge_id"]
        unmerge(owner, one, merge_id, PATH)
        assert deals(owner, one, two) == before, (names, value)


def test_money_that_was_changed_since_stays_whole(owner: Client) -> None:
    changes: dict[str, Any] = {"value": 9, "currency": "CHF"}
    own: list[dict[str, Any]] = [{}, {"value": 7}, {"currency": "USD"}]
    for (name, new), given in product(changes.items(), own):
        one = deal(owner, **{"value": 5, "currency": "EUR"} | given)
        two = deal(owner, value=7, currency="USD")
        took = {"values": {"value": two}, "path": PATH}
        merge_id = merge(owner, one, two, **took)["merge_id"]
        assert owner.patch(f"{PATH}/{one}", {name: new}).status == 200
        told = unmerge(owner, one, merge_id, PATH)["data"]
        expected = {"value": 7, "currency": "USD", name: new}
        assert {each: told[each] for each in expected} == expected, (name, given)


def test_a_stage_that_was_changed_since_stays_whole(owner: Client) -> None:
    for since in (["New"], ["Won"], ["Qualified", "Lost"]):
        one, two = deal(owner), deal(owner, "Lost", lost_reason="Price")
        took = {"values": {"stage_id": two}, "path": PATH}
        merge_id = merge(owner, one, two, **took)["merge_id"]
        for stage in since:
            move(owner, one, stage)
        (before,) = deals(owner, one)
        unmerge(owner, one, merge_id, PATH)
        (after,) = deals(owner, one)
        assert after == {k: v for k, v in before.items() if k != "merged_ids"}, since


def test_a_reason_that_was_written_since_goes_with_the_lost_stage(
    owner: Client,
) -> None:
    for reason in ({"lost_reason": "Price"}, {}):
        one, two = deal(owner), deal(owner, "Lost", **reason)
        before = deals(owner, one, two)
        took = {"values": {"stage_id": two}, "path": PATH}
        merge_id = merge(owner, one, two, **took)["merge_id"]
        assert owner.patch(f"{PATH}/{one}", {"lost_reason": "Time"}).status == 200
        unmerge(owner, one, merge_id, PATH)
        assert deals(owner, one, two) == before


def test_the_history_tells_what_went_back(owner: Client) -> None:
    one = deal(owner, value=5, currency="EUR")
    two = deal(owner, "Won", value=7, currency="USD")
    values = {"value": two, "stage_id": two}
    merge_id = merge(owner, one, two, values=values, path=PATH)["merge_id"]
    unmerge(owner, one, merge_id, PATH)
    entries = owner.post(f"{PATH}/{one}/history", {"limit": 50}).json["data"]
    told = {
        word: {
            each["field"]: (each["from"], each["to"])
            for each in entries
            if each["operation"] == word and each["merge_id"] == merge_id
        }
        for word in ("merged", "unmerged")
    }
    assert told["merged"]["currency"] == ("EUR", "USD")
    assert {"value", "stage_id", "status", "closed_at"} <= set(told["merged"])
    back = {name: (now, was) for name, (was, now) in told["merged"].items()}
    assert {k: v for k, v in told["unmerged"].items() if k != "merged_ids"} == {
        k: v for k, v in back.items() if k != "merged_ids"
    }
