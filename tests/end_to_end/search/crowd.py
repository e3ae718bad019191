"""A tenant full of people for searches: the real ones, and odd ones made up here.

Nobody changes them once they are in, so that all tests of a session share them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.clock import SECOND, rfc3339
from tests.client import Client
from tests.loading.load_people import load
from tests.loading.people import people
from tests.promises import oracle
from tests.stacks import Stack
from tests.world import Tenant, new_tenant

PAGE = 100

NAMES = (
    "100% Pure",
    "100 Pure",
    "snake_case",
    "snakeXcase",
    "C:\\temp\\%",
    "C:/temp",
    "ÅSA Öberg",
    "åsa öberg",
    "Asa Oberg",
    "Émile Zola",
    "E\u0301mile Zola",
    "ΟΔΥΣΣΕΥΣ Λαερτιάδης",
    "οδυσσέας",
    "Иван Иванов",
    "ИВАН иванов",
    "Łukasz Đorđević",
    "lukasz dordevic",
    "İbrahim Işık",  # noqa: RUF001 - so it is written
    "Straße ẞ",
    "strasse ss",
    "李雷",
    "🦊 Fox",
    'O\'Neill "Ned"',
    "Nguyễn Thị Ánh",
    "Acme™ ﬁnance",
    "a b",
    "a-b",
    "Zz",
)

PLANS: tuple[Any, ...] = (
    "Gold",
    "GOLD",
    "gold plus",
    "100%",
    "1000",
    "a_b",
    "aXb",
    "c:\\d",
    "",
    "5",
    "true",
    "É",
    5,
    5.5,
    0,
    -1.25,
    0.1,
    1e15,
    True,
    False,
    None,
    [],
    ["Gold"],
    ["gold plus", "100%"],
    ["É", "x_y"],
)

TAGS: tuple[list[str], ...] = (
    ["VIP"],
    ["vip", "Été"],
    ["100%", "a_b"],
    ["ÉTÉ", "back\\slash"],
    [],
    ["vip plus"],
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The tenant, a client of its owner, and all contacts as the API gives them."""

    tenant: Tenant
    client: Client
    records: Sequence[oracle.Record]

    def find(self, query: Mapping[str, Any], limit: int = PAGE) -> list[str]:
        """The ids that the API finds, page by page; totals must tell the same."""
        body = {**query, "limit": limit, "include_total": True}
        found: list[str] = []
        totals = set()
        while True:
            page = self.client.search("/contacts", **body)
            found += [record["id"] for record in page["data"]]
            totals.add(page["meta"]["total"])
            cursor = page["meta"]["cursor"]
            assert cursor["has_more"] == (cursor["next"] is not None)
            if not cursor["has_more"]:
                assert totals == {len(found)}
                return found
            assert len(page["data"]) == limit
            body["cursor"] = cursor["next"]

    def check(self, query: Mapping[str, Any], limit: int = PAGE) -> int:
        """Holds the API against the oracle and returns how many it finds."""
        expected = oracle.search(self.records, query)
        found = self.find(query, limit)
        too_many = [each for each in found if each not in expected]
        missing = [each for each in expected if each not in found]
        assert found == expected, (query, too_many, missing)
        return len(found)


def gather(stack: Stack) -> Crowd:
    """Makes the tenant and everyone in it."""
    tenant = new_tenant(stack)
    load(f"http://{stack.http}", tenant.tokens["owner"], people())
    client = tenant.client()
    for body in odd_people(tenant):
        client.create("/contacts", body)
    some = client.pages("/contacts", limit=PAGE)[::3]
    _call(client, [each["id"] for each in some])
    return Crowd(tenant, client, client.pages("/contacts", limit=PAGE))


def odd_people(tenant: Tenant) -> Iterator[dict[str, Any]]:
    """People with names, tags and fields that a search could stumble over."""
    owners = [tenant.users["owner"], tenant.users["member"], None]
    for number, name in enumerate(NAMES):
        first, _, last = name.partition(" ")
        yield {
            "first_name": first,
            "last_name": last or None,
            "email": f"odd{number}@example.com" if number % 3 else None,
            "phone": f"+1 (555) 0{number:02d}-00{number:02d}",
            "job_title": NAMES[-number],
            "city": name,
            "owner_id": owners[number % 3],
            "lead_score": number % 4 * 25,
            "tags": TAGS[number % len(TAGS)],
            "custom_fields": {"only_odd": number},
        }
    for number, plan in enumerate(PLANS):
        yield {
            "email": f"PLAN_{number}@Example.com",
            "tags": TAGS[number % len(TAGS)],
            "custom_fields": {"plan": plan},
        }


def _call(client: Client, ids: Sequence[str]) -> None:
    """Lets some have been called, two of them at each moment.

    Through the API, so that a change tells it: filters of the feed judge changes.
    """
    start = 840_000_000 * SECOND
    calls = [
        {
            "method": "create",
            "body": {
                "type": "call",
                "contact_id": each,
                "occurred_at": rfc3339(start + number // 2 * 1_234_567),
            },
        }
        for number, each in enumerate(ids)
    ]
    for first in range(0, len(calls), PAGE):
        answer = client.post(
            "/activities/batch", {"operations": calls[first : first + PAGE]}
        )
        assert answer.status == 200, answer.body
