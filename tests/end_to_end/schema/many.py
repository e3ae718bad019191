"""Many records with a value, so that a job looks at them instead of a request."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import LIFECYCLE_STAGE_LEAD, Contact

from services.ids import new_id
from services.records.bulk import copy_records
from services.schema.existing import MOST_RECORDS
from tests.client import Client
from tests.world import Tenant, administer

MORE = MOST_RECORDS + 200

# What a contact has in the free field `it`, by its number.
Value = Callable[[int], Any]


def load(
    tenant: Tenant, value: Value, number: int = MORE, key: str = "it"
) -> list[str]:
    """Loads contacts with values of the field, and returns their ids in order."""
    ids = sorted(new_id("con_") for _ in range(number))

    def contacts() -> Iterator[Contact]:
        for place, record_id in enumerate(ids):
            made = Contact(id=record_id, name=f"{place}", email=f"n{place}@x.example")
            made.owner_id = tenant.users["owner"]
            made.lifecycle_stage = LIFECYCLE_STAGE_LEAD
            made.custom_fields[key] = value(place)
            yield made

    _copy(tenant, contacts())
    return ids


def _copy(tenant: Tenant, contacts: Iterable[Contact]) -> None:
    administer(
        tenant.stack.database_url,
        lambda database: copy_records(database, Contact, tenant.business_id, contacts),
    )


def ended(client: Client, job: Any) -> Any:
    """Waits until a job has ended, and returns it."""
    while job["state"] in ("waiting", "running"):
        answer = client.post(f"/jobs/{job['id']}/wait", {"wait_seconds": 20})
        assert answer.status == 200, answer.body
        job = answer.json
    return job
