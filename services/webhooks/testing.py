"""Sends a made-up event, so that the owner of an endpoint sees whether it works."""

from prospectconnect.crm.v1 import changes_pb2
from prospectconnect.events.v1 import webhooks_pb2 as pb

from services.caller import Caller
from services.clock import EPOCH_SECONDS, SECOND, now, to_timestamp
from services.delivering.serving import HEADERS
from services.delivering.signing import signed
from services.delivering.telling import event
from services.errors import NotFound, Unavailable
from services.ids import new_id
from services.postgres.database import Database
from services.webhooks import statements
from services.webhooks.delivering import Delivering

TYPE = "test"
# The record that changed: there is none of this id.
_RESOURCE, _RECORD_ID = "contacts", f"con_{'0' * 24}"


class Testing:
    """Tries webhooks."""

    def __init__(self, database: Database, delivering: Delivering) -> None:
        self._database, self._delivering = database, delivering

    async def send(self, caller: Caller, webhook: pb.Webhook) -> pb.Attempt:
        """Sends an event once; what came back. The webhook's state does not count."""
        delivering, its = self._delivering, (caller.business_id, webhook.id)
        if delivering.render is None:
            raise Unavailable("This process sends nothing.")
        row = await self._database.row(statements.READ_SECRETS, *its)
        if row is None:
            raise NotFound
        keys = delivering.keys(*its, row["secrets"])
        if not keys:
            raise Unavailable("The secret cannot be opened yet. Try again.")
        change = _made_up(caller)
        body = event(change, delivering.render(change, webhook.version))
        async with delivering.places.of(caller.business_id):
            began = now()
            seconds = began // SECOND + EPOCH_SECONDS
            headers = {**HEADERS, **signed(keys, change.id, seconds, body)}
            outcome = await delivering.sender.send(webhook.url, headers, body)
        return pb.Attempt(
            at=to_timestamp(began),
            status=outcome.status or None,
            duration_ms=outcome.duration_ms,
            answer=outcome.answer if outcome.status else None,
            error=outcome.error or None,
        )


def _made_up(caller: Caller) -> changes_pb2.Change:
    """A change that never happened."""
    return changes_pb2.Change(
        id=new_id("chg_"),
        type=TYPE,
        at=to_timestamp(now()),
        record=changes_pb2.ChangedRecord(
            resource=_RESOURCE, id=_RECORD_ID, version="1"
        ),
        actor=changes_pb2.ChangeActor(
            user_id=caller.user_id or None,
            client_id=caller.client_id or None,
            token_id=caller.token_id or None,
        ),
        sandbox=caller.sandbox or None,
    )
