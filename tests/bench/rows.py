"""The rows for all subjects: two tenants on one PostgreSQL.

One tenant is only read, so that its answers stay the same byte for byte; the other is
only written.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.type.decimal_pb2 import Decimal
from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.crm.v1.deals_pb2 import DEAL_STATUS_OPEN, Deal

from deploy.demo.people import people
from deploy.embedded import postgres
from services.clock import now, to_timestamp
from services.crm.pipelines import Stage, read_pipelines
from services.postgres.database import Database
from services.postgres.schema import migrate
from services.records.bulk import copy_records
from tests.end_to_end.scene import many_activities
from tests.stacks import Stack
from tests.world import Tenant, administer, new_tenant

CONTACTS = 10_000  # of each tenant


@dataclass(frozen=True, slots=True)
class Rows:
    """The database with its server's process, and the two tenants with the ids of
    their contacts, the oldest first.

    The tenant that is read has as many deals as contacts, and the same number of
    activities that belong to its first contact. `folder` is for files of the programs.
    """

    folder: Path
    url: str
    server: int
    read: Tenant
    read_ids: Sequence[str]
    deal_ids: Sequence[str]
    written: Tenant
    written_ids: Sequence[str]


@contextmanager
def loaded() -> Iterator[Rows]:
    """A PostgreSQL for the benchmark, with the settings of the embedded one."""
    with (
        tempfile.TemporaryDirectory(prefix="pc-bench-") as folder,
        postgres.running(Path(folder), lambda _: None) as url,
    ):
        asyncio.run(migrate(url, lambda _: None))
        server = (Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0]
        yield load_rows(Path(folder), url, int(server), CONTACTS)


def load_rows(folder: Path, url: str, server: int, count: int) -> Rows:
    """Makes the two tenants in a migrated database, each with `count` contacts."""
    stack = Stack("", "", "", url)  # no server runs yet
    read, written = new_tenant(stack), new_tenant(stack)
    read_ids = _load_contacts(read, count, seed=1)
    written_ids = _load_contacts(written, count, seed=2)
    deal_ids = _load_deals(read, count)
    many_activities(read, {"contact_id": read_ids[0]}, count)
    return Rows(folder, url, server, read, read_ids, deal_ids, written, written_ids)


def _load_contacts(tenant: Tenant, count: int, seed: int) -> list[str]:
    """Loads fictitious people into a tenant; returns their ids."""
    owners = list(tenant.users.values())
    contacts = list(map(_at_odd_moment, people(count, owners, now(), seed)))
    administer(
        tenant.stack.database_url,
        lambda database: copy_records(database, Contact, tenant.business_id, contacts),
    )
    return [contact.id for contact in contacts]


def _at_odd_moment(contact: Contact) -> Contact:
    """Moves a contact's times to an odd microsecond.

    Such a time has no trailing zeros to trim, so a peer may use its library's format.
    """
    contact.created_at.nanos = (contact.created_at.nanos // 1_000 | 1) * 1_000
    contact.updated_at.CopyFrom(contact.created_at)
    return contact


def _load_deals(tenant: Tenant, count: int) -> list[str]:
    """Loads deals in the first stage of the tenant's pipeline; returns their ids."""

    async def load(database: Database) -> list[str]:
        stage = (await read_pipelines(database, tenant.business_id)).stages[0]
        deals = [_deal(tenant, stage, number) for number in range(count)]
        await copy_records(database, Deal, tenant.business_id, deals)
        return [deal.id for deal in deals]

    return administer(tenant.stack.database_url, load)


def _deal(tenant: Tenant, stage: Stage, number: int) -> Deal:
    return Deal(
        name=f"Deal {number}",
        pipeline_id=stage.pipeline_id,
        stage_id=stage.id,
        status=DEAL_STATUS_OPEN,
        value=Decimal(value=f"{number}.5"),
        currency="USD",
        owner_id=tenant.users["owner"],
        tags=["bench"],
        stage_changed_at=to_timestamp(now()),
    )
