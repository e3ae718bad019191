"""Switches off webhooks that an erasure would let send more than before.

That is a change of the webhook as any other: the audit and the changes tell of it. It
is a part of the erasure's transaction, so no webhook sends more for a moment.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from prospectconnect.events.v1.webhooks_pb2 import (
    DISABLED_REASON_BY_USER,
    DISABLED_REASON_ERASURE,
    Webhook,
)

from services.caller import Call
from services.errors import NotFound
from services.postgres.bound import BoundDatabase
from services.postgres.database import Database, Transaction
from services.records.compiled import CompiledKind
from services.records.engine import Records

# Values: business, webhooks.
_LOCK_QUEUES = """
SELECT FROM webhook_queues WHERE business_id = $1 AND webhook_id = ANY($2::text[])
ORDER BY webhook_id FOR UPDATE
"""


class Stopping:
    """Switches off webhooks within the transactions of erasures."""

    def __init__(self, database: Database, webhooks: CompiledKind[Webhook]) -> None:
        self._bound = BoundDatabase(database)
        self._webhooks = Records(self._bound, webhooks)

    async def stop(
        self, transaction: Transaction, call: Call, webhook_ids: Collection[str]
    ) -> int:
        """Switches them off, and says how many. The history already forgets the person.

        So are those that something else than a user has ended: making one again would
        let it go on.

        Who erases somebody need not be allowed to see webhooks.
        """
        if not webhook_ids:
            return 0
        caller = replace(call.caller, own_only=frozenset())
        its = Call(caller, traceparent=call.traceparent, address=call.address)

        async def work() -> int:
            count = 0
            for webhook_id in sorted(webhook_ids):
                with suppress(NotFound):  # a deleted one sends nothing
                    left = await self._webhooks.update(its, webhook_id, _stop)
                    count += left.disabled_reason == DISABLED_REASON_ERASURE
            return count

        return await self._bound.joining(transaction, work)


async def lock_queues(
    transaction: Transaction, business_id: str, webhook_ids: Collection[str]
) -> None:
    """Locks the queues of webhooks that are to stop, before anything else of them.

    Others hold one queue, and then wait for a delivery of it or for the audit. So all
    are taken before either, and in one order.
    """
    await transaction.rows(_LOCK_QUEUES, business_id, sorted(webhook_ids))


def _stop(webhook: Webhook) -> None:
    if webhook.active or webhook.disabled_reason != DISABLED_REASON_BY_USER:
        webhook.active, webhook.disabled_reason = False, DISABLED_REASON_ERASURE
