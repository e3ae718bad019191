"""The service of the pages of webhooks. Forms work in their own session alone."""

from typing import Any

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask
from prospectconnect.events.v1 import own_webhooks_pb2 as pb
from prospectconnect.events.v1 import own_webhooks_pb2_grpc
from prospectconnect.events.v1 import webhooks_pb2 as api

from services.account_records.running import Running
from services.caller import current_call
from services.clock import SECOND, now, to_timestamp
from services.iam.oauth.sessions import ACCOUNT
from services.records.values.filter_text import filter_texts
from services.sealed.forms import Forms
from services.webhooks.deliveries import KEEP

_SERVICE = "/prospectconnect.events.v1.WebhookService/"
_MOST = 100
_PAGE = 20
# The oldest time is still allowed when the request is checked.
_MARGIN = 60 * SECOND
_SAME = (
    *("id", "url", "description", "version", "active", "disabled_reason"),
    *("pending", "delivered", "given_up"),
)
_EDITED = ("url", "description", "types", "include")
_MOMENTS = ("failing_since", "last_success_at", "created_at")


class OwnWebhooksService(own_webhooks_pb2_grpc.OwnWebhooksServiceServicer):
    """The methods of `OwnWebhooksService`, as the proto describes them."""

    def __init__(self, forms: Forms, running: Running) -> None:
        self._forms, self._running = forms, running

    async def ListOwnWebhooks(
        self, request: pb.ListOwnWebhooksRequest, _: Any
    ) -> pb.ListOwnWebhooksResponse:
        found = await self._run(
            "SearchWebhooks", api.SearchWebhooksRequest(limit=_MOST)
        )
        return pb.ListOwnWebhooksResponse(webhooks=map(_told, found.data))

    async def GetOwnWebhook(
        self, request: pb.GetOwnWebhookRequest, _: Any
    ) -> pb.GetOwnWebhookResponse:
        webhook = await self._run("GetWebhook", api.GetWebhookRequest(id=request.id))
        asked = api.SearchDeliveriesRequest(
            id=webhook.id, limit=_PAGE, cursor=request.cursor or None
        )
        found = await self._run("SearchDeliveries", asked)
        return pb.GetOwnWebhookResponse(
            webhook=_told(webhook), deliveries=found.data, next=found.meta.cursor.next
        )

    async def CreateOwnWebhook(
        self, request: pb.CreateOwnWebhookRequest, _: Any
    ) -> pb.CreateOwnWebhookResponse:
        self._check(request)
        given = api.Webhook(
            url=request.url,
            description=request.description,
            types=request.types,
            include=request.include,
        )
        made = await self._run("CreateWebhook", api.CreateWebhookRequest(webhook=given))
        return pb.CreateOwnWebhookResponse(webhook=_told(made), secret=made.secret)

    async def UpdateOwnWebhook(
        self, request: pb.UpdateOwnWebhookRequest, _: Any
    ) -> Empty:
        self._check(request)
        webhook = api.Webhook(
            url=request.url,
            description=request.description or None,
            types=request.types,
            include=request.include,
        )
        change = api.UpdateWebhookRequest(
            id=request.id, webhook=webhook, update_mask=FieldMask(paths=_EDITED)
        )
        await self._run("UpdateWebhook", change)
        return Empty()

    async def TestOwnWebhook(
        self, request: pb.TestOwnWebhookRequest, _: Any
    ) -> pb.TestOwnWebhookResponse:
        self._check(request)
        asked = api.TestWebhookRequest(id=request.id)
        return pb.TestOwnWebhookResponse(attempt=await self._run("TestWebhook", asked))

    async def SwitchOwnWebhook(
        self, request: pb.SwitchOwnWebhookRequest, _: Any
    ) -> Empty:
        self._check(request)
        change = api.UpdateWebhookRequest(
            id=request.id, webhook=api.Webhook(active=request.active)
        )
        await self._run("UpdateWebhook", change)
        return Empty()

    async def RotateOwnWebhookSecret(
        self, request: pb.RotateOwnWebhookSecretRequest, _: Any
    ) -> pb.RotateOwnWebhookSecretResponse:
        self._check(request)
        asked = api.RotateWebhookSecretRequest(id=request.id)
        made = await self._run("RotateWebhookSecret", asked)
        return pb.RotateOwnWebhookSecretResponse(
            webhook=_told(made), secret=made.secret
        )

    async def DeleteOwnWebhook(
        self, request: pb.DeleteOwnWebhookRequest, _: Any
    ) -> Empty:
        self._check(request)
        await self._run("DeleteWebhook", api.DeleteWebhookRequest(id=request.id))
        return Empty()

    async def RedeliverOwnDelivery(
        self, request: pb.RedeliverOwnDeliveryRequest, _: Any
    ) -> Empty:
        self._check(request)
        named = {"id": request.id, "delivery_id": request.delivery_id}
        await self._run("RedeliverDelivery", api.RedeliverDeliveryRequest(**named))
        return Empty()

    async def ReplayOwnWebhook(
        self, request: pb.ReplayOwnWebhookRequest, _: Any
    ) -> Empty:
        self._check(request)
        asked = api.ReplayWebhookRequest(id=request.id, only=request.only or None)
        getattr(asked, "from").CopyFrom(to_timestamp(now() - KEEP + _MARGIN))
        for name in ("from", "to"):
            if request.HasField(name):
                getattr(asked, name).CopyFrom(getattr(request, name))
        await self._run("ReplayWebhook", asked)
        return Empty()

    def _check(self, request: Any) -> None:
        """Refuses a form of another session."""
        session = current_call().caller.token_id
        self._forms.check(request.form_token, ACCOUNT, session)

    async def _run(self, method: str, request: Any) -> Any:
        return await self._running.call(_SERVICE + method, request)


def _told(webhook: api.Webhook) -> pb.OwnWebhook:
    told = pb.OwnWebhook(
        **{name: getattr(webhook, name) for name in _SAME},
        types=webhook.types,
        include=webhook.include,
        filters=len(webhook.filters),
        conditions=filter_texts(webhook.filters),
        of_app=bool(webhook.client_id),
    )
    for name in _MOMENTS:
        if webhook.HasField(name):  # type: ignore[arg-type]  # each is a field
            getattr(told, name).CopyFrom(getattr(webhook, name))
    return told
