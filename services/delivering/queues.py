"""The queues of webhooks: who serves one, what it has in hand, and what came of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from services.changes.order import Position
from services.clock import AHEAD, now
from services.delivering import plan
from services.delivering import statements as sql
from services.delivering.sending import Outcome
from services.delivering.telling import Told
from services.delivering.webhook import (
    Delivery,
    Webhook,
    delivery_of,
    webhook_of,
)
from services.ids import new_id
from services.postgres.database import Database

# Where so many deliveries wait, a webhook reads no further. Nothing is lost: the feed
# keeps what it has not read.
MOST_WAITING = 100_000
# What the attempt says of a change that is no longer kept.
GONE = "change_gone"


class LeaseLost(Exception):
    """Somebody else serves the webhook, or nobody does any more."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has ended: when it began, and what is to come of the delivery.

    Without an outcome none was made: the change is gone. `due_at` is when the delivery
    is tried again, None if it is not.
    """

    delivery: Delivery
    began: int
    outcome: Outcome | None
    state: int
    due_at: int | None

    @property
    def told(self) -> dict[str, Any]:
        """It as the delivery lists it."""
        outcome = self.outcome or Outcome(error=GONE)
        return {
            "at": self.began,
            "status": outcome.status or None,
            "duration_ms": outcome.duration_ms,
            "answer": outcome.answer if outcome.status else None,
            "error": outcome.error or None,
        }


def attempted(delivery: Delivery, began: int, outcome: Outcome | None) -> Attempt:
    """An attempt, with what is to come."""
    if outcome is not None and outcome.is_success:
        return Attempt(delivery, began, outcome, sql.DELIVERED, None)
    due_at = None
    if outcome is not None and outcome.status != HTTPStatus.GONE:
        made, asked = delivery.attempts + 1, outcome.retry_after
        due_at = plan.next_due(delivery.begun_at, made, now(), asked)
    state = sql.GIVEN_UP if due_at is None else sql.PENDING
    return Attempt(delivery, began, outcome, state, due_at)


async def find(database: Database) -> list[tuple[str, str]]:
    """Webhooks with something to do that nobody serves, by tenant and id."""
    return [(row[0], row[1]) for row in await database.rows(sql.FIND)]


async def claim(database: Database, key: tuple[str, str], lease: str) -> Webhook | None:
    """Takes a webhook, unless somebody else has it."""
    row = await database.row(sql.CLAIM, *key, lease)
    return None if row is None else webhook_of(*key, lease, row)


async def read(database: Database, key: tuple[str, str]) -> Webhook | None:
    """A webhook that is not claimed, if it is there."""
    row = await database.row(sql.READ, *key)
    return None if row is None else webhook_of(*key, "", row)


async def renew(database: Database, webhook: Webhook) -> tuple[bool, Any]:
    """Keeps a webhook. Raises `LeaseLost`.

    Returns whether it is still as it was claimed, and its secrets.
    """
    row = await database.row(sql.RENEW, *webhook.key, webhook.version)
    if row is None:
        raise LeaseLost
    return row["is_same"], row["secrets"]


async def give_back(
    database: Database, webhook: Webhook, rest_seconds: float = 0.0
) -> None:
    """Lets others have a webhook, after a rest."""
    await database.run(sql.GIVE_BACK, *webhook.key, rest_seconds)


async def take(
    database: Database, webhook: Webhook, position: str, told: Sequence[Told]
) -> list[Delivery]:
    """Makes deliveries of a page of changes; returns those that are due.

    Raises `LeaseLost`.
    """
    ids, seen, follows = [new_id("dlv_") for _ in told], set[str](), list[bool]()
    for each in told:
        follows.append(each.row["record_id"] in seen)
        seen.add(each.row["record_id"])
    rows = await database.rows(
        sql.TAKE,
        *webhook.key,
        position,
        ids,
        [each.change.id for each in told],
        [each.change.type for each in told],
        [each.row["object"] for each in told],
        [each.row["record_id"] for each in told],
        [each.row["version"] for each in told],
        [each.row["at"] for each in told],
        follows,
        webhook.is_ordered,
        AHEAD.get(),
    )
    if not rows[0][0]:
        raise LeaseLost
    begun = {row["id"]: row["begun_at"] for row in rows}
    return [
        Delivery(
            id=each_id,
            change_id=each.change.id,
            record_id=each.row["record_id"],
            change_at=each.row["at"],
            attempts=0,
            begun_at=begun[each_id],
            body=each.body,
        )
        for each_id, each in zip(ids, told, strict=True)
        if each_id in begun
    ]


async def skip(database: Database, webhook: Webhook, place: int) -> Position:
    """Leaves out the time in which a webhook was off; the position after it.

    Raises `LeaseLost`.
    """
    row = await database.row(sql.SKIP, *webhook.key, str(place))
    if row is None:
        raise LeaseLost
    return Position.read(row["position"])


async def forget_gaps(database: Database, webhook: Webhook) -> None:
    """Forgets the times in which a webhook was off."""
    await database.run(sql.FORGET_GAPS, *webhook.key)


async def due(
    database: Database, webhook: Webhook, in_hand: Collection[str], most: int
) -> list[Delivery]:
    """Deliveries that are due, but for those in hand."""
    given = list(in_hand), most, webhook.is_ordered, AHEAD.get()
    rows = await database.rows(sql.DUE, *webhook.key, *given)
    return [delivery_of(row) for row in rows]


async def has_room(database: Database, webhook: Webhook) -> bool:
    """Whether a webhook may have more deliveries that wait."""
    key = webhook.business_id, webhook.id
    row = await database.row(sql.BACKLOG, *key, MOST_WAITING)
    return row is None or row[0] < MOST_WAITING


async def settle(
    database: Database, webhook: Webhook, attempts: Sequence[Attempt]
) -> tuple[list[Delivery], int | None]:
    """Writes what came of attempts. Raises `LeaseLost`.

    Returns what is due now that has waited for these, and since when all attempts of
    the webhook have failed, None if the last one did not.
    """
    states = [each.state for each in attempts]
    outcomes = [each.outcome for each in attempts if each.outcome is not None]
    rows = await database.rows(
        sql.SETTLE,
        *webhook.key,
        [each.delivery.id for each in attempts],
        states,
        [each.due_at for each in attempts],
        [[each.told] for each in attempts],
        [1 if each.outcome is not None else 0 for each in attempts],
        states.count(sql.DELIVERED),
        states.count(sql.GIVEN_UP),
        any(each.is_success for each in outcomes),
        any(not each.is_success for each in outcomes),
        AHEAD.get(),
    )
    if not rows[0][0]:
        raise LeaseLost
    return [delivery_of(row) for row in rows if row["id"] is not None], rows[0][1]


def has_failed_long(failing_since: int | None) -> bool:
    """Whether a webhook has had nothing but failure for as long as is borne."""
    return failing_since is not None and now() - failing_since >= plan.FAILS_LONGEST


async def waiting(database: Database) -> tuple[int, float]:
    """How many deliveries of all tenants wait, and for how long the oldest does."""
    row = await database.row(sql.WAITING)
    return (row[0], float(row[1])) if row else (0, 0.0)
