"""Switches off webhooks that an erasure would let send more than before.

That is a change of the webhook as any other: the audit and the changes tell of it. It
is a part of the erasure's transaction, so no webhook sends more for a moment.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from prospectconnect.events.v1.webhooks_pb2 import DISABLED_REASON_ERASURE, Webhook

from services.caller import Call
from services.errors import NotFound
from services.postgres.bound import BoundDatabase
from services.postgres.database import Database, Transaction
from services.records.compiled import CompiledKind
from services.records.engine import Records


class Stopping:
    """Switches off webhooks within the transactions of erasures."""

    def __init__(self, database: Database, webhooks: CompiledKind[Webhook]) -> None:
        self._bound = BoundDatabase(database)
        self._webhooks = Records(self._bound, webhooks)

    async def stop(
        self, transaction: Transaction, call: Call, webhook_ids: Collection[str]
    ) -> None:
        """Switches off those that are active. The history already forgets the person.

        Who erases somebody need not be allowed to see webhooks.
        """
        if not webhook_ids:
            return
        caller = replace(call.caller, own_only=frozenset())
        its = Call(caller, traceparent=call.traceparent, address=call.address)

        async def work() -> None:
            for webhook_id in sorted(webhook_ids):
                with suppress(NotFound):  # a deleted one sends nothing
                    await self._webhooks.update(its, webhook_id, _stop)

        await self._bound.joining(transaction, work)


def _stop(webhook: Webhook) -> None:
    if webhook.active:
        webhook.active, webhook.disabled_reason = False, DISABLED_REASON_ERASURE
