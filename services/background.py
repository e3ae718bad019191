"""The periodic work of the services: deletes what has expired, and looks for keys."""

import asyncio

from services.clock import AHEAD, now
from services.exports import sweeping
from services.files.stores import Files
from services.history import keeping
from services.iam import contract_touches, last_used, usage_records
from services.iam.last_used import Uses
from services.iam.oauth import authorizations
from services.iam.oauth import service as oauth
from services.imports.sweeping import sweep as sweep_imports
from services.jobs import queue
from services.mailing import queue as mail_queue
from services.meetings import holds
from services.parts import Keys
from services.periodic import repeat
from services.postgres.database import Database
from services.records import idempotency
from services.records.restoring.restoring import KEPT
from services.reporting.first import give_missing
from services.sandboxes.tending import LOOK_SECONDS as SANDBOX_SECONDS
from services.sandboxes.tending import Tending
from services.sealed import secret_keys
from services.sealed.vault import Vault
from services.senders import secrets as senders
from services.settings import ServiceSettings
from services.webhooks import deliveries
from services.webhooks.resealing import reseal

SWEEP_SECONDS = 3_600
# Authorization requests, which anybody may start, are deleted more often.
SWEEP_OPEN_SECONDS = 60
# So often a few of the tenants that have never had a dashboard get one.
FIRST_DASHBOARD_SECONDS = 60


def background_work(
    database: Database,
    uses: Uses,
    keys: Keys,
    settings: ServiceSettings,
    files: Files,
    tending: Tending,
) -> tuple["asyncio.Task[None]", ...]:
    """Starts the periodic work of the services."""
    look, write = secret_keys.LOOK_SECONDS, last_used.WRITE_SECONDS
    works = [
        repeat(SWEEP_SECONDS, "sweep", lambda: _sweep(database, keys, settings, files)),
        repeat(
            SWEEP_OPEN_SECONDS,
            "old authorizations",
            lambda: authorizations.sweep(database),
        ),
        repeat(
            FIRST_DASHBOARD_SECONDS, "first dashboards", lambda: give_missing(database)
        ),
        repeat(write, "last used", lambda: uses.write(database)),
        repeat(look, "new keys", lambda: secret_keys.look_at_all(database, keys)),
    ]
    if settings.runs_jobs:  # copies and deletions take as much time as jobs do
        works.append(repeat(SANDBOX_SECONDS, "sandboxes", tending.look))
    return tuple(map(asyncio.create_task, works))


async def _sweep(
    database: Database, keys: Keys, settings: ServiceSettings, files: Files
) -> None:
    """Deletes what has expired, and seals anew what older keys have sealed."""
    vault = Vault(keys[secret_keys.WEBHOOKS])
    of_senders = Vault(keys[secret_keys.SENDERS])
    for row in await database.rows("SELECT business_id, clock_ahead FROM tenants"):
        before = AHEAD.set(row[1])
        try:
            await sweep_tenant(database, settings, files, row[0])
        finally:
            AHEAD.reset(before)
        await reseal(database, vault, row[0])
        await senders.reseal(database, of_senders, row[0])
    await oauth.sweep(database, settings.oauth)


async def sweep_tenant(
    database: Database, settings: ServiceSettings, files: Files, business_id: str
) -> None:
    """Deletes what a tenant keeps no longer, as its clock shows it."""
    await idempotency.sweep(database, business_id)
    await usage_records.sweep(database, business_id)
    await contract_touches.sweep(database, business_id)
    await queue.sweep(database, business_id)
    await keeping.sweep(database, business_id, settings.changes_days)
    await deliveries.sweep(database, business_id)
    await holds.sweep(database, business_id)
    await mail_queue.sweep(database, business_id)
    await senders.sweep(database, business_id, now() - KEPT)
    if files.place:
        await sweeping.sweep(database, files, business_id)
        await sweep_imports(database, files, business_id)
    await oauth.sweep_tenant(database, business_id, settings.oauth)
