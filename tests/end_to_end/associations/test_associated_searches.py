"""Searches by associated records find what an oracle finds, whoever asks."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from random import Random

import pytest

from tests.end_to_end.associations.associated_world import (
    PATHS,
    TYPED,
    WAYS,
    Searcher,
    drawn,
    fill,
    searcher,
)
from tests.end_to_end.conftest import OpenClient
from tests.promises.oracle import LINKS, Filter, seen_by
from tests.rounds import rounds
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

SEED = int(os.environ.get("SEED", "16"))
SEARCHES = rounds("ASSOCIATED_SEARCHES")


@pytest.fixture(scope="module")
def searchers(
    running_stacks: Callable[[str], Stack],
) -> Iterator[Mapping[str, Searcher]]:
    """The owner, who sees all, and a member, who sees their own."""
    tenant = new_tenant(running_stacks("together"))
    with ExitStack() as opened:
        owner, member = tenant.client(), tenant.client("member")
        for each in (owner, member):
            opened.callback(each.close)
        fill(tenant, owner, Random(SEED))
        paths = {*PATHS, *LINKS.values()}
        world = {path: owner.pages(f"/{path}") for path in paths}
        seen = seen_by(tenant.users["member"], world)
        yield {
            "owner": searcher(owner, world, owner),
            "member": searcher(member, seen, owner),
        }


@pytest.mark.parametrize("who", ["owner", "member"])
def test_each_condition_finds_what_the_oracle_does(
    searchers: Mapping[str, Searcher], who: str
) -> None:
    random, searching = Random(f"{SEED} {who}"), searchers[who]
    print(f"SEED={SEED}")
    hits = 0
    for path, each in list(drawn(searching, random))[:SEARCHES]:
        hits += searching.check(path, [each]) > 0
    assert hits > SEARCHES // 5  # or it proves little


@pytest.mark.parametrize("who", ["owner", "member"])
def test_groups_of_conditions_do_too(
    searchers: Mapping[str, Searcher], who: str
) -> None:
    random, searching = Random(f"{SEED} {who} groups"), searchers[who]
    by_path: dict[str, list[Filter]] = {}
    for path, each in drawn(searching, random):
        by_path.setdefault(path, []).append(each)
    for _ in range(SEARCHES // 4):
        path = random.choice(list(by_path))
        one, two, three, four = random.sample(by_path[path], 4)
        ways: list[list[Filter]] = [
            [{"not": one}],
            [one, {"not": two}],
            [{"any": [one, {"all": [two, {"not": three}]}]}],
            [{"not": {"any": [one, two]}}, {"any": [three, four]}],
        ]
        filters = random.choice(ways)
        searching.check(path, filters)


def test_a_wrong_oracle_is_noticed(searchers: Mapping[str, Searcher]) -> None:
    """Planted: associated records that the member does not see count for them."""
    who, everything = searchers["member"], searchers["owner"]
    wrong = Searcher(who.client, everything.world, everything.pairs)

    def check_all() -> None:
        for path, name, _ in WAYS:
            wrong.check(path, [{"field": name, "operator": "is_not_empty"}])

    with pytest.raises(AssertionError):
        check_all()


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("associations", "invalid_choice"),
        ("associations.", "invalid_choice"),
        ("associations.nothing", "invalid_choice"),
        ("associations.deal_contacts.", "invalid_choice"),
        ("associations.deal_contacts.inverse", "invalid_choice"),
        ("associations.contact_company", "invalid_choice"),
        ("associations.deal_contacts.planet", "invalid_choice"),
        ("associations.deal_contacts.custom_fields", "invalid_choice"),
        ("associations.deal_contacts.custom_fields.Plan", "invalid_choice"),
        ("associations.deal_contacts.associations.knows", "invalid_choice"),
        ("associations.deal_contacts.company_id.name", "invalid_choice"),
        ("associations.deal_contacts.body", "invalid_choice"),
        ("associations.x'; DROP TABLE contacts; --", "invalid_choice"),
        ("associations." + "a" * 10_000, "invalid_choice"),
        ("associations.deal_contacts.\u0000", "invalid_choice"),
    ],
)
def test_names_that_lead_nowhere_are_refused(
    searchers: Mapping[str, Searcher], field: str, code: str
) -> None:
    given = {"field": field, "operator": "eq", "value": "x"}
    answer = searchers["owner"].client.post("/deals/search", {"filters": [given]})
    assert (answer.status, answer.codes) == (422, {"filters[0].field": code})


def test_operators_and_values_are_those_of_the_field(
    searchers: Mapping[str, Searcher],
) -> None:
    there = "associations.deal_contacts"
    for field, operator, value, fault in (
        (there, "eq", "con_1", "operator"),
        (f"{there}.lead_score", "contains", "1", "operator"),
        (f"{there}.lead_score", "gt", "1", "value"),
        (f"{there}.{TYPED}", "contains", "1", "operator"),
        (f"{there}.last_contacted_at", "gt", "yesterday", "value"),
        (f"{there}.lifecycle_stage", "eq", "nobody", "value"),
    ):
        given = {"field": field, "operator": operator, "value": value}
        answer = searchers["owner"].client.post("/deals/search", {"filters": [given]})
        assert (answer.status, list(answer.codes)) == (422, [f"filters[0].{fault}"])


def test_a_search_holds_so_many_of_these_conditions(
    searchers: Mapping[str, Searcher],
) -> None:
    one = {"field": "associations.deal_contacts", "operator": "is_empty"}
    client = searchers["owner"].client
    assert client.post("/deals/search", {"filters": [one] * 10}).status == 200
    answer = client.post("/deals/search", {"filters": [one] * 11})
    assert answer.codes == {"filters[10].field": "too_many"}


def test_an_object_that_the_caller_may_not_read_is_no_field(
    tenant: Tenant, open_client: OpenClient
) -> None:
    client = open_client(tenant.token(["deal.read", "company.read"]))
    for field, status in (
        ("associations.deal_contacts", 422),
        ("associations.deal_contact.city", 422),
        ("associations.deal_company.city", 200),
    ):
        given = {"field": field, "operator": "is_not_empty"}
        assert client.post("/deals/search", {"filters": [given]}).status == status


def test_pages_go_on_where_they_stopped(searchers: Mapping[str, Searcher]) -> None:
    owner = searchers["owner"]
    given = [{"field": "associations.deal_contacts.city", "operator": "is_not_empty"}]
    whole = owner.client.search("/deals", filters=given, limit=100)["data"]
    for order in ("created_at", "value", TYPED):
        pages = owner.client.pages("/deals", filters=given, limit=3, order_by=order)
        assert sorted(e["id"] for e in pages) == sorted(e["id"] for e in whole)
