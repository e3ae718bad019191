"""The webhook of the demonstration data. It is not active: nobody waits for it."""

from prospectconnect.events.v1.webhooks_pb2 import DISABLED_REASON_BY_USER, Webhook

from services.clock import now, to_timestamp
from services.ids import new_id
from services.postgres.database import Database
from services.records.bulk import copy_together, rows_of
from services.sealed import secret_keys
from services.sealed.vault import Vault
from services.webhooks import secrets
from services.webhooks.behaviour import FROM_THERE
from services.webhooks.statements import BEGIN

_IS_THERE = "SELECT 1 FROM webhooks WHERE business_id = $1 LIMIT 1"


async def add_webhook(database: Database, business_id: str, user_id: str) -> None:
    """Adds the webhook, with a secret that nobody has seen, unless it is there."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    moment = to_timestamp(now())
    webhook = Webhook(
        id=new_id("whk_"),
        url="https://example.com/changes",
        description="Tells the warehouse of deals that are won.",
        types=["deal.won"],
        include=["state"],
        version="2026-11-01",
        ordered=True,
        active=False,
        disabled_reason=DISABLED_REASON_BY_USER,
        created_at=moment,
        updated_at=moment,
        created_by=user_id,
        etag="1",
    )
    vault = Vault(await secret_keys.open_keys(database, secret_keys.WEBHOOKS))
    its = business_id, webhook.id
    kept = [secrets.stored(vault, secrets.new_secret(), *its)]
    await copy_together(database, rows_of(business_id, [webhook]))
    await database.run(BEGIN, *its, FROM_THERE, kept)
