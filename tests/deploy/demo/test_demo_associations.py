"""The demonstration data associate records, as the types allow."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from google.protobuf.message import Message
from prospectconnect.crm.v1.associations_pb2 import Association
from prospectconnect.crm.v1.companies_pb2 import Company
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import Deal
from prospectconnect.schema.v1.association_types_pb2 import AssociationType

from deploy.demo.associations import REFERRAL
from deploy.demo.loading import load_demo
from deploy.demo.tenants import TENANT
from services.postgres.database import Database
from tests.deploy.demo.loaded import Loaded, loaded

ENDS: dict[str, tuple[type[Message], type[Message]]] = {
    "deal_contacts": (Deal, Contact),
    "company_parent": (Company, Company),
    REFERRAL: (Contact, Contact),
}


@pytest.fixture(scope="module")
def demo(migrated_database: Callable[[str], str]) -> Loaded:
    """What is loaded, by two loads of which the second finds everything there."""
    url = migrated_database("associated_demo")

    async def load() -> Loaded:
        database = await Database.open(url)
        try:
            for _ in range(2):
                await load_demo(database, 300)
            return await loaded(database, TENANT)
        finally:
            await database.close()

    return asyncio.run(load())


def test_records_of_each_type_are_associated(demo: Loaded) -> None:
    there = demo.of(Association)
    assert {each.type for each in there} == ENDS.keys()
    for each in there:
        near, far = ENDS[each.type]
        assert each.from_id in demo.records[near]
        assert each.to_id in demo.records[far]
        assert bool(each.role) == (each.type == "deal_contacts")
    assert [each.key for each in demo.of(AssociationType)] == [REFERRAL]


def test_nothing_is_associated_more_often_than_its_type_allows(demo: Loaded) -> None:
    there = demo.of(Association)
    pairs = Counter((each.type, each.from_id, each.to_id) for each in there)
    parents = Counter(e.from_id for e in there if e.type == "company_parent")
    referrers = Counter(e.to_id for e in there if e.type == REFERRAL)
    for counted in (pairs, parents, referrers):
        assert set(counted.values()) == {1}
