"""A search is all its pages: every record once, in order, and none fetched in vain."""

import pytest

from prospectconnect_client import ProspectConnect
from tests.clients.programs import Account, Step, run
from tests.clients.unreliable import Network
from tests.world import Tenant

COUNT = 250


@pytest.fixture
def names(tenant: Tenant) -> list[str]:
    """The names of more contacts than two pages hold."""
    names = [f"Person {number:03}" for number in range(COUNT)]
    with ProspectConnect(tenant.tokens["owner"], f"http://{tenant.stack.http}") as api:
        for name in names:
            api.contacts.create(first_name=name, email=f"{name[-3:]}@engine.example")
    return names


def test_a_search_goes_on_to_the_last_page(
    client: str, account: Account, network: Network, names: list[str]
) -> None:
    by_name = {"order_by": "name", "sort_direction": "asc"}
    (found,) = run(client, account, Step("contacts.search", body=by_name))
    assert [contact["name"] for contact in found] == names
    assert len(network.seen) == 3


def test_a_search_may_say_how_large_its_pages_are(
    client: str, account: Account, network: Network, names: list[str]
) -> None:
    with_phone = {"not": {"field": "phone", "operator": "is_empty"}}
    nobody, everybody = run(
        client,
        account,
        Step("contacts.search", body={"limit": 50, "filters": [with_phone]}),
        Step("contacts.search", body={"limit": 50}),
    )
    assert nobody == []
    assert len({contact["id"] for contact in everybody}) == COUNT
    assert len(network.seen) == 1 + 5


def test_duplicates_are_listed_without_a_limit(
    client: str, account: Account, tenant: Tenant
) -> None:
    with ProspectConnect(tenant.tokens["owner"], f"http://{tenant.stack.http}") as api:
        for _ in range(2):
            api.contacts.create(
                first_name="Ada", last_name="Byron", email="a@x.example"
            )
    (groups,) = run(client, account, Step("contacts.list_duplicates"))
    assert [len(each["records"]) for each in groups] == [2]


def test_a_page_is_fetched_when_it_is_needed(
    account: Account, network: Network, names: list[str]
) -> None:
    with ProspectConnect(account.token, account.address) as api:
        search = api.contacts.search(include_total=True)
        assert network.seen == []
        assert next(iter(search))["name"] in names
        assert len(network.seen) == 1
        pages = list(search.pages())
    assert [len(page["data"]) for page in pages] == [100, 100, 50]
    assert [page["meta"].get("total") for page in pages] == [COUNT] * 3
