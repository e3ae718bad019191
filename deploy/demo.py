"""The demonstration data: tenant `demo` with a user of each role, and tenant `other`.

Loaded once. A load that was cut short goes on where it stopped: the people come in
the same order each time, and `other`, which comes last, tells that all is there.
"""

import asyncio
import time
from itertools import islice

from prospectconnect.crm.v1.contacts_pb2 import Contact

from deploy.demo_people import SEED, people
from deploy.progress import counting
from services import contacts
from services.bulk import copy_records
from services.database import Database
from services.errors import NotFound
from services.tenants import business_of, create_tenant, create_user, user_of

TENANT = "demo"
OTHER_TENANT = "other"
PASSWORD = "demo"  # noqa: S105 -- printed in the guides
ROLES = ("owner", "admin", "manager", "member", "viewer")
OTHER_CONTACTS = 312


def email(role: str, tenant: str = TENANT) -> str:
    """Returns the address of a tenant's user with a role."""
    return f"{role}@{tenant}.example"


async def load_demo(database: Database, count: int) -> None:
    """Loads the two tenants, `count` contacts into the first, unless they are there."""
    if await _contacts(database, OTHER_TENANT):
        return
    business_id, owners = await _tenant(database, TENANT, ROLES)
    loaded = await _contacts(database, TENANT)
    everyone = people(count, owners, int(time.time()))
    with counting("Loading demo contacts", count) as report:
        await copy_records(
            database,
            Contact,
            business_id,
            islice(everyone, loaded, None),
            contacts.derive,
            lambda done: report(loaded + done),
        )
    business_id, owners = await _tenant(database, OTHER_TENANT, ROLES[:1])
    others = people(OTHER_CONTACTS, owners, int(time.time()), SEED + 1)
    await copy_records(database, Contact, business_id, others, contacts.derive)


async def _tenant(
    database: Database, name: str, roles: tuple[str, ...]
) -> tuple[str, list[str]]:
    """Makes sure of a tenant with its users; returns its id and theirs."""
    try:
        business_id = await business_of(database, name)
    except NotFound:
        business_id = await create_tenant(database, name)
    users = [_user(database, name, business_id, role) for role in roles]
    return business_id, await asyncio.gather(*users)


async def _user(database: Database, tenant: str, business_id: str, role: str) -> str:
    address = email(role, tenant)
    try:
        return await user_of(database, business_id, address)
    except NotFound:
        return await create_user(
            database, tenant, address, role, PASSWORD, f"{role.title()} of {tenant}"
        )


async def _contacts(database: Database, tenant: str) -> int:
    """Counts a tenant's contacts; 0 when there is no such tenant."""
    try:
        business_id = await business_of(database, tenant)
    except NotFound:
        return 0
    count = "SELECT count(*) FROM contacts WHERE business_id = $1"
    row = await database.row(count, business_id)
    return 0 if row is None else int(row[0])
