"""Many records with a value, so that a job looks at them instead of a request."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from google.protobuf.message import Message
from prospectconnect.crm.v1.contacts_pb2 import LIFECYCLE_STAGE_LEAD, Contact
from prospectconnect.crm.v1.custom_records_pb2 import CustomRecord

from services.ids import new_id
from services.records.bulk import copy_records
from services.schema.existing import MOST_RECORDS
from tests.client import Client
from tests.rounds import rounds
from tests.world import Tenant, administer

# So many records a request looks at in these tests.
MOST = rounds("MANY_RECORDS")
MORE = MOST + 200

# More than a request of the program as it is looks at.
PLENTY = MOST_RECORDS + 200

# The place of a record behind the first window of a job, which can be held there.
HELD = 300

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


def load_custom(
    tenant: Tenant, slug: str, value: Value, number: int = MORE, key: str = "it"
) -> list[str]:
    """Loads records of a custom object with values, and returns their ids in order."""
    ids = sorted(new_id("rec_") for _ in range(number))

    def records() -> Iterator[CustomRecord]:
        for place, record_id in enumerate(ids):
            made = CustomRecord(id=record_id, object=slug, name=f"{place}")
            made.owner_id = tenant.users["owner"]
            made.custom_fields[key] = value(place)
            yield made

    _copy(tenant, records(), CustomRecord)
    return ids


def _copy(
    tenant: Tenant, records: Iterable[Message], kind: type[Message] = Contact
) -> None:
    administer(
        tenant.stack.database_url,
        lambda database: copy_records(database, kind, tenant.business_id, records),
    )


def ended(client: Client, job: Any) -> Any:
    """Waits until a job has ended, and returns it."""
    while job["state"] in ("waiting", "running"):
        answer = client.post(f"/jobs/{job['id']}/wait", {"wait_seconds": 20})
        assert answer.status == 200, answer.body
        job = answer.json
    return job
