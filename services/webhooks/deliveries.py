"""Deliveries as clients see them: searched, and sent again."""

from collections.abc import Mapping
from typing import Any

from prospectconnect.events.v1 import webhooks_pb2 as pb

from services.caller import Call, Caller
from services.changes.readers import Readers
from services.clock import AHEAD, DAY, from_timestamp, now, to_timestamp
from services.errors import NotFound
from services.ids import is_id
from services.postgres.database import Database, Row, Transaction
from services.records.commands import keep_answer
from services.sealed.cursors import Cursors
from services.webhooks import statements

DEFAULT_PAGE = 25
KEEP = 30 * DAY
_READ = "webhook.read"


class Deliveries:
    """The deliveries of webhooks that the caller may see."""

    def __init__(self, database: Database, cursors: Cursors, readers: Readers) -> None:
        self._database, self._cursors, self._readers = database, cursors, readers

    async def search(
        self, caller: Caller, request: pb.SearchDeliveriesRequest
    ) -> pb.SearchDeliveriesResponse:
        """One page, newest first."""
        limit, after = request.limit or DEFAULT_PAGE, (None, "")
        if request.cursor:
            moment, last_id = self._cursors.open(caller, request)
            after = int(moment), last_id  # type: ignore[assignment]  # the same shape
        ends = (
            from_timestamp(getattr(request, name)) if request.HasField(name) else None
            for name in ("from", "to")
        )
        found = (
            *(caller.business_id, request.id),
            *(list(request.states) or None, list(request.types) or None),
            *(request.record_id or None, *ends),
        )
        sql = statements.SEARCH
        rows = await self._database.rows(sql, *found, *after, limit + 1)
        answer = pb.SearchDeliveriesResponse()
        answer.data.extend(self._told(caller, row) for row in rows[:limit])
        answer.meta.cursor.has_more = len(rows) > limit
        if len(rows) > limit:
            last = rows[limit - 1]
            position = str(last["change_at"]), last["id"]
            answer.meta.cursor.next = self._cursors.seal(caller, request, position)
        if request.include_total:
            counted = await self._database.rows(statements.COUNT, *found)
            answer.meta.total = counted[0][0]
        return answer

    async def redeliver(
        self, call: Call, request: pb.RedeliverDeliveryRequest
    ) -> pb.Delivery:
        """Lets a delivery begin anew."""
        its = call.caller.business_id, request.id
        given = *its, request.delivery_id, AHEAD.get()

        async def run(transaction: Transaction) -> pb.Delivery:
            row = None
            if is_id("dlv_", request.delivery_id):
                sql = statements.REDELIVER
                row = await transaction.row(sql, *given)
            if row is None:
                raise NotFound("The webhook has no such delivery.")
            await transaction.run(statements.HASTEN, *given)
            await transaction.run(statements.WAKE, *its)
            delivery = self._told(call.caller, row)
            await keep_answer(transaction, call, delivery)
            return delivery

        return await self._database.in_transaction(run)

    def _told(self, caller: Caller, row: Row) -> pb.Delivery:
        """A delivery as the caller may see it.

        An endpoint may answer with what it was sent. So its answers are told only to
        who may read webhooks, and all records of the type.
        """
        delivery = told(row)
        reads = _READ in caller.scope_permissions & caller.role_permissions
        if not (reads and self._readers.may_read(caller, delivery.resource)):
            for each in delivery.attempts:
                each.ClearField("answer")
        return delivery


def told(row: Row) -> pb.Delivery:
    """A delivery as answers have it."""
    made = pb.Delivery(
        id=row["id"],
        change_id=row["change_id"],
        type=row["change_type"],
        resource=row["resource"],
        record_id=row["record_id"],
        record_version=str(row["record_version"]),
        at=to_timestamp(row["change_at"]),
        state=row["state"],
        attempts=map(_attempt, row["attempts"]),
        created_at=to_timestamp(row["created_at"]),
    )
    for name in ("due_at", "ended_at"):
        if row[name] is not None:
            getattr(made, name).CopyFrom(to_timestamp(row[name]))
    return made


def _attempt(stored: Mapping[str, Any]) -> pb.Attempt:
    return pb.Attempt(
        at=to_timestamp(stored["at"]),
        status=stored.get("status"),
        duration_ms=stored["duration_ms"],
        answer=stored.get("answer"),
        error=stored.get("error"),
    )


async def sweep(database: Database, business_id: str) -> None:
    """Deletes a tenant's deliveries of changes that are not kept any more."""
    await database.run(statements.SWEEP, business_id, now() - KEEP)
