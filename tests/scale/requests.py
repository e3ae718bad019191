"""The requests that are measured, and how long each takes.

A request is asked of one client after the other: of one tenant's, or of many tenants'.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle
from typing import Any

from tests.client import Client

WARM_UP = 5
WALK = 100  # records a page on the way to a far one

ORDERS = ("created_at", "updated_at", "name", "lead_score", "last_contacted_at")
DIRECTIONS = ("desc", "asc")

Body = dict[str, Any]
Figure = tuple[str, float]  # a request, and its median in milliseconds

# Pairs that many, some and few records fulfil, in the usual order and in others.
PAIRS: Mapping[str, Body] = {
    "stage and score, common": {
        "filters": [
            {"field": "lifecycle_stage", "operator": "eq", "value": "lead"},
            {"field": "lead_score", "operator": "gte", "value": 20},
        ]
    },
    "country and tag": {
        "filters": [
            {"field": "country", "operator": "eq", "value": "DE"},
            {"field": "tags", "operator": "contains", "value": "VIP"},
        ]
    },
    "city and stage, by name": {
        "filters": [
            {"field": "city", "operator": "starts_with", "value": "Ber"},
            {"field": "lifecycle_stage", "operator": "eq", "value": "customer"},
        ],
        "order_by": "name",
    },
    "owner and age, by score": {
        "filters": [
            {"field": "owner_id", "operator": "is_not_empty"},
            {
                "field": "created_at",
                "operator": "lt",
                "value": "2026-06-01T00:00:00Z",
            },
        ],
        "order_by": "lead_score",
    },
}
TEXTS = ("anna", "anna schmidt", "quixotic")


def paths(clients: Sequence[Client], times: int) -> Iterator[Figure]:
    """What every program asks for: a record, a new one, the first page."""
    ids = [_newest(client) for client in clients]
    yield "get", median(clients, times, lambda c, n: c.get(f"/contacts/{ids[n]}"))
    yield "create with key", median(clients, times, lambda c, _: _create(c))
    yield "page 1", _search(clients, times, {})


def pages(client: Client, times: int, far: int) -> Iterator[Figure]:
    """The first page in every order, and the one after `far` records; 0 for none.

    Both are asked in turn, so that what else happens meanwhile happens to both.
    """
    for order in ORDERS:
        for direction in DIRECTIONS:
            body = {"order_by": order, "sort_direction": direction}
            asked = {f"page 1 by {order} {direction}": body}
            if far:
                there = {**body, "cursor": _far(client, body, far)}
                asked[f"page {far // 25:,} by {order} {direction}"] = there
            yield from _in_turn(client, times, asked)


def _in_turn(client: Client, times: int, asked: Mapping[str, Body]) -> Iterator[Figure]:
    """The median of each of several searches, asked one after the other."""
    took: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(times + WARM_UP):
        for name, body in asked.items():
            took[name].append(
                _milliseconds(partial(client.search, "/contacts", **body))
            )
    for name, each in took.items():
        yield name, statistics.median(each[WARM_UP:])


def finds(clients: Sequence[Client], times: int) -> Iterator[Figure]:
    """Searches by two conditions, and by words."""
    for name, body in PAIRS.items():
        yield name, _search(clients, times, body)
    for text in TEXTS:
        yield f"text `{text}`", _search(clients, times, {"search_text": text})


def median(
    clients: Sequence[Client], times: int, ask: Callable[[Client, int], object]
) -> float:
    """The median milliseconds of asking so often, after a few to warm up.

    `ask` is given the client and its number.
    """
    took = []
    numbered = cycle(enumerate(clients))
    for _ in range(times + WARM_UP):
        number, client = next(numbered)
        took.append(_milliseconds(partial(ask, client, number)))
    return statistics.median(took[WARM_UP:])


def _milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _search(clients: Sequence[Client], times: int, body: Body) -> float:
    return median(clients, times, lambda c, _: c.search("/contacts", **body))


def _newest(client: Client) -> str:
    found: str = client.search("/contacts", limit=1)["data"][0]["id"]
    return found


def _create(client: Client) -> object:
    key = f"scale-{time.time_ns()}"
    body = {"email": f"{key}@scale.example", "first_name": "Ada", "country": "GB"}
    return client.create("/contacts", body, **{"Idempotency-Key": key})


def _far(client: Client, body: Body, records: int) -> str:
    """The cursor after so many records."""
    cursor = None
    for _ in range(records // WALK):
        page = client.search("/contacts", **body, limit=WALK, cursor=cursor)
        cursor = page["meta"]["cursor"]["next"]
    assert isinstance(cursor, str)
    return cursor
