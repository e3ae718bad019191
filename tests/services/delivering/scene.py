"""What tests of deliveries do again and again: a tenant, webhooks, and a deliverer."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from prospectconnect.crm.v1.contacts_pb2 import Contact
from prospectconnect.events.v1 import webhooks_pb2 as pb

from edge.versions.told_changes import change_writer
from services.caller import Call
from services.changes import order
from services.delivering.addresses import Addresses
from services.delivering.deliverer import Deliverer
from services.delivering.figures import DeliveryFigures
from services.delivering.places import Places
from services.delivering.sending import Sender
from services.delivering.serving import Parts
from services.delivering.signing import key_of
from services.delivering.telling import Telling
from services.delivering.webhook import Webhook
from services.every_kind import compile_kinds
from services.iam.tenants import create_user
from services.ids import new_id
from services.postgres.database import Database
from services.records.engine import Records
from services.records.schemas import Schemas
from services.tenant_setup import create_tenant
from tests.services.callers import caller
from tests.services.delivering.endpoints import Endpoint

KINDS = compile_kinds()
RENDER = change_writer()
SECRET = f"whsec_{base64.b64encode(b'0123456789abcdef01234567').decode()}"

_WEBHOOK = """
INSERT INTO webhooks (business_id, id, url, types, filters, include, contract, ordered,
  active, created_by, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, '', $7, true, $8, now(), now())
"""
_QUEUE = """
INSERT INTO webhook_queues (business_id, webhook_id, secrets, position, due_at)
VALUES ($1, $2, '[]', $3, now())
"""
_OPEN = """
SELECT count(*) FROM deliveries WHERE business_id = $1 AND state = 1
"""
_DELIVERIES = """
SELECT * FROM deliveries WHERE business_id = $1 AND webhook_id = $2
ORDER BY change_at, id
"""

# Lets all deliveries of a tenant begin anew.
AGAIN = """
UPDATE deliveries SET state = 1, due_at = now(), begun_at = now(), attempt_count = 0,
  ended_at = NULL WHERE business_id = $1
"""

Scenario = Callable[[Database], Awaitable[None]]
Play = Callable[[Scenario], None]


@dataclass(slots=True)
class Scene:
    """A tenant with an owner, who makes records and has webhooks."""

    database: Database
    call: Call
    contacts: Records[Contact]
    disabled: list[tuple[str, int]] = field(default_factory=list)

    @property
    def business_id(self) -> str:
        return self.call.caller.business_id

    async def webhook(
        self,
        url: str,
        *types: str,
        include: tuple[str, ...] = (),
        is_ordered: bool = True,
        filters: tuple[dict[str, Any], ...] = (),
    ) -> str:
        """Makes a webhook that is told of what happens from now on; its id."""
        webhook_id, start = new_id("whk_"), await order.horizon(self.database)
        named = list(types or ("*",))
        values = url, named, list(filters), list(include), is_ordered
        its = self.business_id, webhook_id
        await self.database.run(_WEBHOOK, *its, *values, self.call.caller.user_id)
        await self.database.run(_QUEUE, *its, start.text)
        return webhook_id

    async def contact(self, **given: Any) -> str:
        """Makes a contact; its id."""
        contact = Contact(**({"phone": "+15550100"} | given))
        return (await self.contacts.create(self.call, contact)).id

    async def score(self, contact_id: str, score: int) -> None:
        """Changes a contact."""

        def change(contact: Contact) -> None:
            contact.lead_score = score

        await self.contacts.update(self.call, contact_id, change)

    async def deliveries(self, webhook_id: str) -> list[Any]:
        return await self.database.rows(_DELIVERIES, self.business_id, webhook_id)

    async def pending(self) -> int:
        row: Any = await self.database.row(_OPEN, self.business_id)
        return int(row[0])

    def parts(self, **given: Any) -> Parts:
        """What serves webhooks here; `given` takes the place of what it has."""
        every = {name: Records(self.database, each) for name, each in KINDS.items()}
        schemas = Schemas(self.database, KINDS["field"].kind)

        async def disable(webhook: Webhook, reason: int) -> None:
            self.disabled.append((webhook.id, reason))
            sql = (
                "UPDATE webhooks SET active = false WHERE business_id = $1 AND id = $2"
            )
            await self.database.run(sql, self.business_id, webhook.id)

        made: dict[str, Any] = {
            "database": self.database,
            "telling": Telling(self.database, every, schemas, RENDER),
            "places": Places(),
            "keys": lambda *_: [key_of(SECRET)],
            "disable": disable,
            "figures": DeliveryFigures(),
        }
        if "sender" not in given:
            made["sender"] = Sender(Addresses(allows_private=True), seconds=5)
        return Parts(**(made | given))


async def scene(database: Database) -> Scene:
    """A new tenant."""
    name = new_id("delivering-")
    business_id = await create_tenant(database, name)
    user_id = await create_user(database, name, "owner@x.example", "owner")
    call = Call(caller(business_id, user_id))
    return Scene(database, call, Records(database, KINDS["contact"]))


@asynccontextmanager
async def delivering(parts: Parts) -> AsyncIterator[Deliverer]:
    """Delivers meanwhile."""
    deliverer = Deliverer(parts)
    task = asyncio.create_task(deliverer.run())
    try:
        yield deliverer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await parts.sender.close()


async def until(is_so: Callable[[], bool | Awaitable[bool]]) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(120):
        while True:
            found = is_so()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


def events(endpoint: Endpoint) -> list[dict[str, Any]]:
    """What an endpoint was told, in the order of the requests."""
    return [json.loads(each.body) for each in endpoint.received]


def url_of(endpoint: Endpoint) -> str:
    return f"http://127.0.0.1:{endpoint.port}/in"


REASON = pb.DisabledReason


async def none_pending(its: Scene) -> bool:
    return await its.pending() == 0


async def has_attempts(its: Scene, webhook_id: str) -> bool:
    rows = await its.deliveries(webhook_id)
    return any(row["attempt_count"] for row in rows)
