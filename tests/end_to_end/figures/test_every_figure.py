"""Every request for figures is answered as a model answers it.

`AGGREGATES=2000 SEED=7` in the environment makes so many of all types together.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

import pytest

from tests.client import Client
from tests.end_to_end.figures.figure_cases import requests
from tests.end_to_end.search.search_world import Searcher, SearchWorld, make_world
from tests.promises.figures_oracle import figures
from tests.promises.oracle_records import RECORDS
from tests.rounds import rounds
from tests.stacks import Stack

SEED = os.environ.get("SEED", "1815")
PATHS = [path for path in RECORDS if path != "merges"]
# Members may not read these; or the oracle is not told of all records that they see by.
ONLY_FOR_OWNERS = ("webhooks", "audit", "activities", "sandboxes")
# Of deals, which have amounts, there are more.
SHARES = {path: 6 if path == "deals" else 1 for path in PATHS}
REQUESTS = rounds("AGGREGATES")
LEAST = 6  # of each path: fewer may by chance come to nothing
MOST_PAGES = 4


@pytest.fixture(scope="module")
def world(running_stacks: Callable[[str], Stack]) -> Iterator[SearchWorld]:
    made = make_world(running_stacks("together"))
    yield made
    for each in (made.owner, made.member):
        each.client.close()


@pytest.mark.parametrize("path", PATHS)
def test_every_figure_is_what_the_records_come_to(
    world: SearchWorld, path: str
) -> None:
    random = Random(f"{SEED} {path}")
    print(f"SEED={SEED}")
    many = max(LEAST, -(-REQUESTS * SHARES[path] // sum(SHARES.values())))
    askers = [(world.owner, 3), (world.member, 1)]
    told = 0
    for who, share in askers[: 1 if path in ONLY_FOR_OWNERS else 2]:
        made = requests(who.world[path], RECORDS[path], random)
        for query in islice(made, -(-many * share // 4)):
            told += check(who, path, query) > 0
    assert told


def check(who: Searcher, path: str, query: Mapping[str, Any]) -> int:
    """Holds all pages of a request against the oracle; how many rows there are."""
    expected = figures(who.world[path], query, RECORDS[path], who.companies)
    found, body = list[Any](), dict(query)
    for _ in range(MOST_PAGES):
        page = asked(who.client, path, body)
        found += page["data"]
        assert found == expected[: len(found)], f"{path} {json.dumps(body)}"
        if not page["meta"]["cursor"]["has_more"]:
            assert found == expected, f"{path} {json.dumps(body)}"
            break
        assert len(page["data"]) == body.get("limit", 100)
        body["cursor"] = page["meta"]["cursor"]["next"]
    return len(expected)


def asked(client: Client, path: str, body: Mapping[str, Any]) -> Any:
    """Asks for figures, and reads their numbers exactly."""
    answer = client.post(f"/{path}/aggregate", body)
    assert answer.status == 200, (path, body, answer.body)
    return json.loads(answer.body, parse_float=Decimal, parse_int=Decimal)


def test_a_wrong_answer_is_noticed(world: SearchWorld) -> None:
    """Planted: a world with one amount more than the API knows of."""
    query = {"measures": [{"op": "sum", "field": "value", "as": "total"}]}
    assert check(world.owner, "deals", query) == 1
    deals = [*world.owner.world["deals"]]
    n = next(n for n, each in enumerate(deals) if each["value"])
    deals[n] = {**deals[n], "value": deals[n]["value"] + 0.01}
    other = Searcher(world.owner.client, {**world.owner.world, "deals": deals}, ())
    with pytest.raises(AssertionError, match="deals"):
        check(other, "deals", query)
