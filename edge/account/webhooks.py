"""Webhooks: the list, one of them with its deliveries, and what can be done with it."""

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
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
        api.DISABLED_REASON_ERASURE: "Somebody was erased whom its filters left out",
    }
)
STATES = MappingProxyType(
    {
        api.DELIVERY_STATE_PENDING: "waits",
        api.DELIVERY_STATE_DELIVERED: "delivered",
        api.DELIVERY_STATE_GIVEN_UP: "given up",
    }
)

# What a replay sends again, by the value of the form.
ONLY = MappingProxyType(
    {"missing": api.REPLAY_ONLY_MISSING, "failed": api.REPLAY_ONLY_FAILED}
)
_MOST = 40


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
        "test": pb.TestOwnWebhookRequest(**its),
        "redeliver": pb.RedeliverOwnDeliveryRequest(**its, delivery_id=delivery_id),
    }
    if button == "replay":
        times, fault = _times(visit)
        if fault:
            return await _one(edge, visit, who, Refused(400, fault))
        only = ONLY.get(visit.parameters.get("only"), api.REPLAY_ONLY_UNSPECIFIED)
        requests["replay"] = pb.ReplayOwnWebhookRequest(**{**its, **times}, only=only)
    if button not in requests:
        return await _one(edge, visit, who, Refused(400, "There is no such button."))
    done, refused = await send(edge, visit, requests[button])
    if done is None or button == "test":
        return await _one(edge, visit, who, refused, done and done.attempt)
    return see_other(f"{addresses.WEBHOOKS}/{its['id']}?done={button}")


def _times(visit: Visit) -> tuple[dict[str, Any], str]:
    """The times of a form, as far as they are given, and what is wrong with them."""
    found = dict[str, Any]()
    for name in ("from", "to"):
        text = visit.parameters.get(name).strip()
        if not text:
            continue
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        except ValueError:
            return {}, "Give times such as 2026-12-01T09:00."
        found[name] = Timestamp(seconds=int(moment.timestamp()))
    return found, ""


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
    edge: Edge,
    visit: Visit,
    who: Session,
    refused: Refused,
    tried: api.Attempt | None = None,
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
        tried=tried,
        values={name: visit.parameters.get(name)[:_MOST] for name in ("from", "to")},
        only=visit.parameters.get("only"),
        done=visit.parameters.get("done"),
    )
