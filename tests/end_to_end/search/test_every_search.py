"""No search of any type of record is answered wrongly, whatever is searched for.

`SEARCHES=2000 SEED=7` in the environment makes so many of each type.
"""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

import pytest

from tests.end_to_end.search.search_cases import searches
from tests.end_to_end.search.search_world import Searcher, SearchWorld, make_world
from tests.promises.oracle_records import RECORDS
from tests.promises.records_suite import RESOURCES, Resource
from tests.promises.search_words import EVERY_WORD
from tests.rounds import rounds
from tests.stacks import Stack

SEARCHES = rounds("SEARCHES")  # of each type
SEED = os.environ.get("SEED", "1815")
MOST_PAGES = 3

# The world has no merges: `merging/test_who_may.py` looks for some.
# What members may not read.
FOR_ADMINISTRATORS = ("webhooks", "sandboxes", "audit")

by_path = pytest.mark.parametrize("path", [p for p in RECORDS if p != "merges"])


@pytest.fixture(scope="module")
def world(running_stacks: Callable[[str], Stack]) -> Iterator[SearchWorld]:
    made = make_world(running_stacks("together"))
    yield made
    for each in (made.owner, made.member):
        each.client.close()


@pytest.mark.sampled(3)
@by_path
def test_every_search_finds_what_the_contract_says(
    world: SearchWorld, path: str
) -> None:
    random = Random(f"{SEED} {path}")
    print(f"SEED={SEED}")
    hits = 0
    askers = [(world.owner, 3), (world.member, 1)]
    for who, share in askers[: 1 if path in FOR_ADMINISTRATORS else 2]:
        made = searches(who.world[path], RECORDS[path], random)
        for query in islice(made, SEARCHES * share // 4):
            hits += who.check(path, query, random.randint(1, MOST_PAGES)) > 0
    assert hits > SEARCHES // 10  # or it proves little


@by_path
def test_every_word_may_be_searched_for(world: SearchWorld, path: str) -> None:
    for word in EVERY_WORD:
        query = {"search_text": word[:200], "include_total": True}
        world.owner.check(path, query, pages=1)


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=str)
def test_the_oracle_knows_all_that_is_searched(resource: Resource) -> None:
    """What it was told by hand is what the API has."""
    facts = RECORDS[resource.path[1:]]

    def names(option: str) -> set[str]:
        return {f.name for f in resource.fields if getattr(f.policy, option)}

    kinds = {name for name, kind in facts.kinds.items() if kind != "links"}
    assert names("filterable") - {"custom_fields", "external_ids"} == kinds
    assert ("external_ids" in names("filterable")) == facts.has_external_ids
    assert names("sortable") == set(facts.orders)
    parts = {"first_name", "last_name"}  # a name is made of them
    assert names("searchable") - parts == set(facts.searched)
    assert resource.policy.owner_field == facts.owner
    assert resource.policy.shared_by_links == facts.by_links
    links = [f.name for f in resource.fields if f.policy.link]
    assert resource.policy.seen_by_links == ([facts.seen_by] == links)


def test_a_wrong_answer_is_noticed(world: SearchWorld) -> None:
    """Planted: an API that hides one record, and one that shows another's."""
    everything, own = world.owner.world, world.member.world
    path = next(path for path in everything if len(everything[path]) > len(own[path]))
    wrong = [
        Searcher(who.client, {**who.world, path: records}, who.companies)
        for who, records in (
            (world.owner, everything[path][1:]),
            (world.member, everything[path]),
        )
    ]
    for each in wrong:
        with pytest.raises(AssertionError):
            each.check(path, {"limit": 100}, pages=9)
