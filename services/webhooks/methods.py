"""The methods of webhooks, as the proto describes them.

What a webhook sends is what the token that made it may read. Who changes what is sent,
or where to, puts their own token in its place, after the same checks.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from prospectconnect.events.v1 import webhooks_pb2 as pb
from prospectconnect.iam.v1.access_pb2 import TOKEN_KIND_SESSION
from prospectconnect.type.v1.errors_pb2 import FaultCode

from services.caller import Call, Caller, current_call
from services.clock import HOUR, now
from services.errors import NotFound, ValidationFailed
from services.faults import Fault
from services.kinds import masks
from services.postgres.database import Transaction
from services.records.commands import Around, Command
from services.records.engine import Records
from services.records.idempotency import FAILED_WRITES, violates
from services.schema.generation import LOCK
from services.sealed.cursors import Cursors
from services.sealed.vault import Vault
from services.standard import Kept, standard_methods
from services.webhooks import audited, replays, secrets, statements
from services.webhooks.behaviour import FROM_THERE
from services.webhooks.checks import (
    AT,
    Allowed,
    Checks,
    find_own,
    refuse_of_app,
    refuse_too_many,
    sends_otherwise,
)
from services.webhooks.deliveries import Deliveries
from services.webhooks.figures import tell
from services.webhooks.testing import Testing

_SAME_INDEX = "webhooks_same"
_SENT = ("types", "filters", "include", "version", "ordered")
_WRITABLE = (*_SENT, "description", "active")
# Reasons for which a webhook that is made again stays off.
_STAYS_OFF = (pb.DISABLED_REASON_BY_USER, pb.DISABLED_REASON_ERASURE)


class WebhookMethods:
    """The methods of webhooks. Those on deliveries are in `Deliveries`."""

    def __init__(
        self,
        kept: Kept,
        cursors: Cursors,
        vault: Vault,
        allowed: Allowed,
        testing: Testing,
    ) -> None:
        self._records: Records[pb.Webhook] = kept.records
        self._vault, self._testing = vault, testing
        self._checks = Checks(self._records.kinds, allowed)
        service = pb.DESCRIPTOR.services_by_name["WebhookService"]
        self._standard = standard_methods(service, kept)
        its = self._records.database, cursors, self._checks.readers
        self._deliveries = Deliveries(*its)
        self.finders = {"CreateWebhook": self._find}

    async def GetWebhook(self, request: pb.GetWebhookRequest, context: Any) -> Any:
        await self._refuse_others(request.id)
        webhook = await self._standard["GetWebhook"](request, context)
        await self._tell([webhook])
        return webhook

    async def AggregateWebhooks(self, request: Any, context: Any) -> Any:
        find_own(current_call())
        return await self._standard["AggregateWebhooks"](request, context)

    async def SearchWebhooks(self, request: Any, context: Any) -> Any:
        call = current_call()
        find_own(call)
        if call.caller.client_id and request.ids:
            await self._leave_out_others(request)
        page = await self._standard["SearchWebhooks"](request, context)
        await self._tell(page.data)
        return page

    async def CreateWebhook(self, request: pb.CreateWebhookRequest, _: Any) -> Any:
        call, given = current_call(), request.webhook
        schema = await self._records.schema_of(call.caller)
        self._checks.check(call.caller, schema, given)
        await self._checks.check_address(given.url)
        while True:
            same = await self._same_id(call.caller, given.url)
            if same is not None:
                return await self._change_same(call, same, given)
            try:
                return await self._create(call, given)
            except FAILED_WRITES as error:  # another request has just made the same
                if not violates(error, _SAME_INDEX):
                    raise

    async def UpdateWebhook(self, request: pb.UpdateWebhookRequest, _: Any) -> Any:
        call = current_call()
        await self._refuse_others(request.id)
        write = masks.writer(self._records.kind, request)
        if request.webhook.url:
            await self._checks.check_address(request.webhook.url)
        try:
            webhook = await self._change(call, request.id, write, request.etag)
        except FAILED_WRITES as error:
            if not violates(error, _SAME_INDEX):
                raise
            raise ValidationFailed([_taken()]) from None
        await self._tell([webhook])
        return webhook

    async def DeleteWebhook(self, request: Any, context: Any) -> Empty:
        await self._refuse_others(request.id)
        return await self._standard["DeleteWebhook"](request, context)  # type: ignore[no-any-return]  # as the proto says

    async def ReadWebhookHistory(self, request: Any, context: Any) -> Any:
        await self._refuse_others(request.id)
        return await self._standard["ReadWebhookHistory"](request, context)

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, _: Any
    ) -> pb.Webhook:
        webhook = await self._seen(request.id)
        caller = current_call().caller
        refuse_of_app(caller, webhook, "id")
        hours = request.overlap_hours if request.HasField("overlap_hours") else 24
        its = caller.business_id, webhook.id
        secret, moment = secrets.new_secret(), now()
        new = secrets.stored(self._vault, secret, *its)

        async def rotate(transaction: Transaction) -> None:
            row = await transaction.row(statements.SECRETS, *its)
            if row is None:
                raise NotFound
            end = moment + hours * HOUR
            kept = secrets.rotated(row["secrets"], new, moment, end)
            await transaction.run(statements.ROTATE, *its, kept)
            await audited.tell("secret_rotated", webhook, caller, transaction)

        await self._records.database.in_transaction(rotate)
        webhook.secret = secret
        await self._tell([webhook])
        return webhook

    async def TestWebhook(self, request: pb.TestWebhookRequest, _: Any) -> pb.Attempt:
        webhook = await self._seen(request.id)
        return await self._testing.send(current_call().caller, webhook)

    async def SearchDeliveries(
        self, request: pb.SearchDeliveriesRequest, _: Any
    ) -> Any:
        await self._seen(request.id)
        return await self._deliveries.search(current_call().caller, request)

    async def RedeliverDelivery(
        self, request: pb.RedeliverDeliveryRequest, _: Any
    ) -> pb.Delivery:
        await self._seen(request.id)
        return await self._deliveries.redeliver(current_call(), request)

    async def ReplayWebhook(
        self, request: pb.ReplayWebhookRequest, _: Any
    ) -> pb.ReplayWebhookResponse:
        webhook = await self._seen(request.id)
        call, records = current_call(), self._records
        schema = await records.schema_of(call.caller)
        objects = self._checks.objects(call.caller, schema, webhook.types)
        return await replays.begin(records.database, call, webhook, request, objects)

    async def _create(self, call: Call, given: pb.Webhook) -> pb.Webhook:
        secret = secrets.new_secret()

        def settle(webhook: pb.Webhook) -> None:
            _own(webhook, call.caller)

        def around(caller: Caller, _: Any, made: pb.Webhook) -> Around:
            its = caller.business_id, made.id
            kept = [secrets.stored(self._vault, secret, *its)]
            begin = Command(statements.BEGIN, [*its, FROM_THERE, kept])
            lock = Command(LOCK, [caller.business_id])
            return Around([lock], [begin], partial(_made, caller, made))

        made = await self._records.with_around(around).create(call, given, settle)
        made.secret = secret
        return made

    async def _change_same(
        self, call: Call, webhook_id: str, given: pb.Webhook
    ) -> pb.Webhook:
        """Changes what is given of the webhook that is there already.

        What a user or an erasure has switched off stays so. True is also what stands
        for nothing.
        """
        fields = [each.name for each, value in given.ListFields() if value is not True]
        named = [each for each in fields if each in _WRITABLE]

        def write(found: pb.Webhook) -> None:
            masks.write(found, given, named)
            if given.active and found.disabled_reason not in _STAYS_OFF:
                found.active = True

        webhook = await self._change(call, webhook_id, write, is_again=True)
        webhook.existed = True
        await self._tell([webhook])
        return webhook

    async def _change(
        self,
        call: Call,
        webhook_id: str,
        write: Callable[[pb.Webhook], None],
        etag: str = "",
        *,
        is_again: bool = False,
    ) -> pb.Webhook:
        """Changes a webhook; `is_again`: as if it was made again."""
        schema = await self._records.schema_of(call.caller)

        def change(found: pb.Webhook) -> None:
            before = pb.Webhook()
            before.CopyFrom(found)
            write(found)
            if is_again or sends_otherwise(before, found):
                refuse_of_app(call.caller, found)
                self._checks.check(call.caller, schema, found)
                _own(found, call.caller)

        return await self._records.update(call, webhook_id, change, etag)

    async def _find(
        self, caller: Caller, request: pb.CreateWebhookRequest
    ) -> list[Fault]:
        schema = await self._records.schema_of(caller)
        return self._checks.faults(caller, schema, request.webhook)

    async def _same_id(self, caller: Caller, url: str) -> str | None:
        values = caller.business_id, caller.client_id, url
        row = await self._records.database.row(statements.SAME, *values)
        return None if row is None else str(row[0])

    async def _seen(self, webhook_id: str) -> pb.Webhook:
        """A webhook that the caller sees."""
        await self._refuse_others(webhook_id)
        return await self._records.get(current_call().caller, webhook_id)

    async def _refuse_others(self, webhook_id: str) -> None:
        """Refuses an app the webhooks that it has not made."""
        caller = current_call().caller
        if caller.client_id and not await self._of_app(caller, (webhook_id,)):
            raise NotFound

    async def _leave_out_others(self, request: Any) -> None:
        """Takes the ids of webhooks that the app has not made for ones of none."""
        its = await self._of_app(current_call().caller, request.ids)
        request.ids[:] = [each if each in its else "" for each in request.ids]

    async def _of_app(self, caller: Caller, ids: Iterable[str]) -> set[str]:
        """Those of some webhooks that the calling app has made."""
        given = caller.business_id, list(ids), caller.client_id
        rows = await self._records.database.rows(statements.OF_APP, *given)
        return {row[0] for row in rows}

    async def _tell(self, webhooks: Sequence[Message]) -> None:
        await tell(self._records.database, current_call().caller, webhooks)


def _own(webhook: pb.Webhook, caller: Caller) -> None:
    """Makes the caller the one whose rights count."""
    webhook.created_by = caller.user_id
    if caller.client_id:
        webhook.client_id = caller.client_id
    if caller.token_kind == TOKEN_KIND_SESSION:
        webhook.ClearField("token_id")
    else:
        webhook.token_id = caller.token_id


async def _made(caller: Caller, webhook: pb.Webhook, transaction: Transaction) -> None:
    """Refuses one too many, and tells the audit of any other."""
    await refuse_too_many(caller, transaction)
    await audited.tell("created", webhook, caller, transaction)


def _taken() -> Fault:
    code, message = FaultCode.FAULT_CODE_NOT_UNIQUE, "Another webhook has this URL."
    return Fault(f"{AT}.url", code, message)
