"""The webhook of the demonstration data, and what it has delivered lately.

It is not active: nobody waits for it.
"""

from typing import Any

from prospectconnect.crm.v1.deals_pb2 import DEAL_STATUS_WON
from prospectconnect.events.v1.webhooks_pb2 import (
    DELIVERY_STATE_DELIVERED,
    DELIVERY_STATE_GIVEN_UP,
    DISABLED_REASON_BY_USER,
    Webhook,
)

from services.clock import DAY, HOUR, SECOND, now, to_timestamp
from services.ids import new_id
from services.postgres.database import Database, Row, Transaction
from services.records.bulk import copy_in, rows_of
from services.sealed import secret_keys
from services.sealed.vault import Vault
from services.webhooks import secrets
from services.webhooks.behaviour import FROM_THERE
from services.webhooks.statements import BEGIN

_IS_THERE = "SELECT 1 FROM webhooks WHERE business_id = $1 LIMIT 1"
# Deliveries are kept for 30 days.
_DAYS, _MOST = 25, 12
# Values: business, since when, how many.
_WON = f"""
SELECT id, version, closed_at FROM deals WHERE business_id = $1
  AND status = {int(DEAL_STATUS_WON)} AND deleted_at IS NULL AND closed_at > $2
ORDER BY closed_at DESC, id LIMIT $3
"""
_PUT = """
INSERT INTO deliveries (business_id, id, webhook_id, change_id, change_type, resource,
  record_id, record_version, change_at, state, attempts, attempt_count, created_at,
  begun_at, ended_at)
VALUES ($1, $2, $3, $4, 'deal.won', 'deals', $5, $6, $7, $8, $9, $10, $7, $7, $11)
"""
_COUNT = """
UPDATE webhook_queues SET delivered = $3, given_up = $4, last_success_at = $5,
  last_failure_at = $6
WHERE business_id = $1 AND webhook_id = $2
"""
# What became of the deliveries, the latest first: when each was tried, in seconds after
# the change, and what the endpoint answered. All others came at the first attempt.
_AT_ONCE = ((2, 200, ""),)
_WAYS = {
    0: ((2, 503, "Down for maintenance until 6"), (8, 503, ""), (41, 200, "")),
    2: ((3, None, ""), (9, 200, "")),
}
# One that was tried for three days, and then given up.
_TRIED = 2, 7, 37, 337, 2_137, 9_337, 27_337, 63_337, 113_737, 185_737, 257_737
_IN_VAIN = tuple((each, 500, "no such item: SKU-1815") for each in _TRIED)
_LONG_AGO = 4 * DAY
_MILLISECONDS = (84, 61, 210, 97, 73)


async def add_webhook(database: Database, business_id: str, user_id: str) -> None:
    """Adds the webhook, with a secret that nobody has seen, unless it is there."""
    if await database.row(_IS_THERE, business_id) is not None:
        return
    moment = now()
    since = moment - _DAYS * DAY
    webhook = _webhook(user_id, since)
    vault = Vault(await secret_keys.open_keys(database, secret_keys.WEBHOOKS))
    its = business_id, webhook.id
    kept = [secrets.stored(vault, secrets.new_secret(), *its)]
    won = await database.rows(_WON, business_id, since, _MOST)

    async def put(transaction: Transaction) -> None:
        await copy_in(transaction, rows_of(business_id, [webhook]))
        await transaction.run(BEGIN, *its, FROM_THERE, kept)
        await _add_deliveries(transaction, its, won)

    await database.in_transaction(put)


def _webhook(user_id: str, since: int) -> Webhook:
    moment = to_timestamp(since - HOUR)
    return Webhook(
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


async def _add_deliveries(
    transaction: Transaction, its: tuple[str, str], won: list[Row]
) -> None:
    """What was sent of the deals that were won lately, and how often it was tried."""
    counts, last = {True: 0, False: 0}, dict[bool, int]()
    old = [deal["id"] for deal in won if deal["closed_at"] < now() - _LONG_AGO]
    for number, deal in enumerate(won):
        way = _WAYS.get(number, _AT_ONCE)
        if deal["id"] in old[:1]:
            way = _IN_VAIN
        attempts = [
            _attempt(deal["closed_at"], each, number + place)
            for place, each in enumerate(way)
        ]
        is_good = way[-1][1] == 200
        counts[is_good] += 1
        for told in attempts:
            key = told["status"] == 200
            last[key] = max(last.get(key, 0), told["at"])
        state = DELIVERY_STATE_DELIVERED if is_good else DELIVERY_STATE_GIVEN_UP
        await transaction.run(
            _PUT,
            its[0],
            new_id("dlv_"),
            its[1],
            new_id("chg_"),
            deal["id"],
            deal["version"],
            deal["closed_at"],
            int(state),
            attempts,
            len(attempts),
            attempts[-1]["at"] + SECOND,
        )
    told_last = last.get(True), last.get(False)
    await transaction.run(_COUNT, *its, counts[True], counts[False], *told_last)


def _attempt(
    since: int, told: tuple[int, int | None, str], number: int
) -> dict[str, Any]:
    """An attempt as the deliverer keeps it; without a status nothing answered."""
    seconds, status, answer = told
    return {
        "at": since + seconds * SECOND,
        "status": status,
        "duration_ms": _MILLISECONDS[number % len(_MILLISECONDS)],
        "answer": answer or None,
        "error": None if status is not None else "connection_failed",
    }
