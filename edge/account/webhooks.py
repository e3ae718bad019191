"""Webhooks: the list, one of them with its deliveries, and what can be done with it."""

from types import MappingProxyType
from typing import Any

from google.protobuf.message import Message
from prospectconnect.events.v1 import own_webhooks_pb2 as pb
from prospectconnect.events.v1 import webhooks_pb2 as api
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.account.webhook_form import shown
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

# Why a webhook sends nothing, in words.
REASONS = MappingProxyType(
    {
        api.DISABLED_REASON_FAILING: "Nothing but failure for five days",
        api.DISABLED_REASON_GONE: "The address answered that it is gone",
        api.DISABLED_REASON_BY_USER: "Switched off",
        api.DISABLED_REASON_FORBIDDEN: "Its maker may not read what it sends any more",
    }
)
STATES = MappingProxyType(
    {
        api.DELIVERY_STATE_PENDING: "waits",
        api.DELIVERY_STATE_DELIVERED: "delivered",
        api.DELIVERY_STATE_GIVEN_UP: "given up",
    }
)


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists the webhooks."""
    found = await ask(edge, visit, pb.ListOwnWebhooksRequest())
    return page(
        "account/webhooks",
        who=who,
        here="webhooks",
        webhooks=found.webhooks,
        reasons=REASONS,
        done=visit.parameters.get("done"),
    )


async def show_one(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows a webhook with its deliveries; the query may have a `cursor`."""
    return await _one(edge, visit, who, Refused())


async def change(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Does what a button of the webhook's page says."""
    button, its = visit.parameters.get("do"), _named(visit)
    delivery_id = visit.parameters.get("delivery_id")
    requests: dict[str, Message] = {
        "on": pb.SwitchOwnWebhookRequest(**its, active=True),
        "off": pb.SwitchOwnWebhookRequest(**its, active=False),
        "replay": pb.ReplayOwnWebhookRequest(**its),
        "redeliver": pb.RedeliverOwnDeliveryRequest(**its, delivery_id=delivery_id),
    }
    if button not in requests:
        return await _one(edge, visit, who, Refused(400, "There is no such button."))
    done, refused = await send(edge, visit, requests[button])
    if done is None:
        return await _one(edge, visit, who, refused)
    return see_other(f"{addresses.WEBHOOKS}/{its['id']}?done={button}")


async def ask_to_rotate(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to make a new secret."""
    webhook = (await _found(edge, visit)).webhook
    return page("account/webhook_rotate", who=who, here="webhooks", webhook=webhook)


async def rotate(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Makes a new secret and shows it."""
    request = pb.RotateOwnWebhookSecretRequest(**_named(visit))
    made = await ask(edge, visit, request)
    return shown(who, made.webhook, made.secret, rotated=True)


async def ask_to_delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Asks whether to delete a webhook."""
    webhook = (await _found(edge, visit)).webhook
    return page("account/webhook_delete", who=who, here="webhooks", webhook=webhook)


async def delete(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Deletes a webhook."""
    await ask(edge, visit, pb.DeleteOwnWebhookRequest(**_named(visit)))
    return see_other(f"{addresses.WEBHOOKS}?done=deleted")


def _named(visit: Visit) -> dict[str, str]:
    token = visit.parameters.get("form_token")
    return {"form_token": token, "id": visit.path_values["webhook_id"]}


async def _found(edge: Edge, visit: Visit) -> Any:
    webhook_id = visit.path_values["webhook_id"]
    cursor = visit.parameters.get("cursor")
    return await ask(edge, visit, pb.GetOwnWebhookRequest(id=webhook_id, cursor=cursor))


async def _one(
    edge: Edge, visit: Visit, who: Session, refused: Refused
) -> HTTPResponse:
    found = await _found(edge, visit)
    return page(
        "account/webhook",
        status=refused.status,
        who=who,
        here="webhooks",
        webhook=found.webhook,
        deliveries=found.deliveries,
        next=found.next,
        cursor=visit.parameters.get("cursor"),
        reasons=REASONS,
        states=STATES,
        refused=refused,
        done=visit.parameters.get("done"),
    )
