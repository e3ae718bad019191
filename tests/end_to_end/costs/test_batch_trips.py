"""A batch of many creates takes few round trips to the database, whatever they make."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests import stacks
from tests.client import Client
from tests.end_to_end.costs.counting import ONE_CONNECTION
from tests.harness.database.round_trips import RoundTrips, counted
from tests.world import Tenant, new_tenant

SIZE = 100
# Begin, the key, the records, the answer, commit.
MOST_TRIPS = 5

Served = tuple[Tenant, RoundTrips]


@pytest.fixture(scope="module")
def served(database_url: str) -> Iterator[Served]:
    """A tenant of a product whose round trips are counted."""
    with (
        counted(database_url) as trips,
        stacks.running("together", trips.url, ONE_CONNECTION) as stack,
    ):
        yield new_tenant(stack), trips


def bodies(resource: str, links: dict[str, str]) -> list[dict[str, Any]]:
    """What a hundred new records hold: what most clients give, and links."""
    alike: dict[str, dict[str, Any]] = {
        "contacts": {"first_name": "Ada", "tags": ["VIP"], "custom_fields": {"a": 1}},
        "companies": {"name": "Acme"},
        "deals": {"name": "Engine", "value": 10, **links},
        "tasks": {"name": "Call", **links},
        "notes": {"body": "Hello", **links},
        "activities": {"type": "call", "occurred_at": "2026-06-10T12:00:00Z", **links},
    }
    each = alike[resource]
    if resource != "contacts":
        return [each] * SIZE
    return [each | {"email": f"a{n}@x.example"} for n in range(SIZE)]


@pytest.mark.parametrize(
    "resource", ["contacts", "companies", "deals", "tasks", "notes", "activities"]
)
def test_a_hundred_creates_with_a_key(served: Served, resource: str) -> None:
    tenant, trips = served
    with closing(tenant.client()) as client:
        links = {
            "company_id": client.create("/companies", {"name": "Acme"})["id"],
            "contact_id": client.create("/contacts", {"email": "a@x.example"})["id"],
        }
        made = bodies(resource, links)
        least = min(
            (
                sent_by(client, trips, resource, made, f"{resource}-{n}")
                for n in range(3)
            ),
            key=len,
        )
    assert len(least) <= MOST_TRIPS, "\n".join(sql[:200] for sql in least)


def sent_by(
    client: Client, trips: RoundTrips, resource: str, made: list[Any], key: str
) -> list[str]:
    """The transaction of a batch, which has the only connection for itself."""
    operations = [{"method": "create", "body": body} for body in made]
    trips.take()
    answer = client.post(
        f"/{resource}/batch", {"operations": operations}, idempotency_key=key
    )
    assert answer.status == 200, answer.body
    sent = trips.take()
    return sent[sent.index("BEGIN;") : sent.index("COMMIT;") + 1]
