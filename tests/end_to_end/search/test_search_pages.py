"""Pages of a search, put together, are the whole search: in order, each record once."""

from collections import Counter
from itertools import count
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.search.crowd import Crowd
from tests.promises.oracle import DIRECTIONS, ORDERS

LIMITS = (7, 50, 100)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_order_is_paged_as_the_contract_says(
    crowd: Crowd, order: str, direction: str, limit: int
) -> None:
    query = {"order_by": order, "sort_direction": direction}
    assert crowd.check(query, limit) == len(crowd.records)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_what_a_filter_leaves_is_paged_one_by_one(
    crowd: Crowd, order: str, direction: str
) -> None:
    one = {"field": "tags", "operator": "any_of", "values": ["VIP", "été", "music"]}
    two = {"field": "email", "operator": "is_empty"}
    query = {
        "filters": [{"any": [one, two]}],
        "search_text": "o",
        "order_by": order,
        "sort_direction": direction,
    }
    assert crowd.check(query, limit=1) > 20


def test_a_search_that_says_nothing_finds_the_newest_25(crowd: Crowd) -> None:
    answer = crowd.client.search("/contacts")
    newest = [record["id"] for record in crowd.client.pages("/contacts")]
    assert [record["id"] for record in answer["data"]] == newest[:25]
    assert "total" not in answer["meta"]
    assert newest == crowd.find({"order_by": "created_at", "sort_direction": "desc"})


def test_a_page_gives_each_record_as_a_read_gives_it(crowd: Crowd) -> None:
    for record in crowd.records[::40]:
        assert crowd.client.get(f"/contacts/{record['id']}").json == record


def test_a_page_past_the_end_still_tells_the_total(owner: Client) -> None:
    made = [owner.create("/contacts", {"phone": f"555-{n}00"}) for n in range(3)]
    first = owner.search("/contacts", limit=1, include_total=True)
    cursor = first["meta"]["cursor"]["next"]
    assert first["meta"]["total"] == 3
    for record in made[:2]:
        assert owner.delete(f"/contacts/{record['id']}").status == 204
    rest = owner.search("/contacts", limit=1, include_total=True, cursor=cursor)
    nothing_more = {"next": None, "has_more": False}
    assert rest == {"data": [], "meta": {"cursor": nothing_more, "total": 1}}


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_a_record_that_stays_as_it_is_comes_exactly_once(
    owner: Client, order: str, direction: str
) -> None:
    """Between the pages others are created, changed and deleted, on both sides."""
    bodies = [_body(number) for number in range(24)]
    made = [owner.create("/contacts", body)["id"] for body in bodies]
    steady, others = set(made[::2]), made[1::2]
    numbers = count(100)
    seen: Counter[str] = Counter()
    query: dict[str, Any] = {"order_by": order, "sort_direction": direction}
    page = owner.search("/contacts", **query, limit=4)
    while True:
        seen.update(record["id"] for record in page["data"])
        cursor = page["meta"]["cursor"]["next"]
        if cursor is None:
            break
        if others:
            _disturb(owner, others.pop(), others.pop(), next(numbers))
        page = owner.search("/contacts", **query, limit=4, cursor=cursor)
    assert {each: seen[each] for each in steady} == dict.fromkeys(steady, 1)


def _body(number: int) -> dict[str, Any]:
    return {
        "first_name": f"{chr(97 + number % 7)}{number % 3}",
        "email": f"p{number}@example.com",
        "lead_score": number % 5 * 20,
    }


def _disturb(owner: Client, changed: str, deleted: str, number: int) -> None:
    owner.create("/contacts", _body(number))
    body = {"first_name": f"{chr(97 + number % 26)}", "lead_score": number % 7 * 10}
    assert owner.patch(f"/contacts/{changed}", body).status == 200
    assert owner.delete(f"/contacts/{deleted}").status == 204
