"""The form that makes or changes a webhook, and the page with its secret."""

from types import MappingProxyType
from typing import Any

from prospectconnect.events.v1 import own_webhooks_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.oauth.authorize import see_other
from edge.state import Edge
from edge.web import addresses
from edge.web.render import page
from edge.web.visit import Visit

# The records whose changes are offered; other types are written out.
OFFERED = MappingProxyType(
    {
        "contact.*": "Contacts",
        "company.*": "Companies",
        "deal.*": "Deals",
        "task.*": "Tasks",
        "note.*": "Notes",
        "activity.*": "Activities",
    }
)
PARTS = ("changed", "state")
_MOST = 4_000


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form."""
    await ask(edge, visit, pb.ListOwnWebhooksRequest())  # refuses who may not
    return _form(visit, who, Refused())


async def create(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Makes the webhook and shows its secret, or shows the form with its faults."""
    given = visit.parameters
    request = pb.CreateOwnWebhookRequest(
        form_token=given.get("form_token"),
        url=given.get("url").strip(),
        description=given.get("description"),
        types=_types(visit),
        include=[each for each in PARTS if given.get(each) == "on"],
    )
    made, refused = await send(edge, visit, request)
    if made is None:
        return _form(visit, who, refused)
    return shown(who, made.webhook, made.secret, rotated=False)


async def show_edit(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the form with what the webhook is."""
    return _edit(visit, who, Refused(), await _webhook(edge, visit))


async def update(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Changes the webhook, or shows the form with its faults."""
    given, webhook = visit.parameters, await _webhook(edge, visit)
    request = pb.UpdateOwnWebhookRequest(
        form_token=given.get("form_token"),
        id=webhook.id,
        url=given.get("url").strip(),
        description=given.get("description"),
        types=_types(visit),
        include=[each for each in PARTS if given.get(each) == "on"],
    )
    done, refused = await send(edge, visit, request)
    if done is None:
        return _edit(visit, who, refused, webhook)
    return see_other(f"{addresses.WEBHOOKS}/{webhook.id}?done=edit")


async def _webhook(edge: Edge, visit: Visit) -> pb.OwnWebhook:
    asked = pb.GetOwnWebhookRequest(id=visit.path_values["webhook_id"])
    found: pb.GetOwnWebhookResponse = await ask(edge, visit, asked)
    return found.webhook


def shown(
    who: Session, webhook: pb.OwnWebhook, secret: str, *, rotated: bool
) -> HTTPResponse:
    """The one page with a secret; without one, the webhook was there before."""
    return page(
        "account/webhook_made",
        who=who,
        here="webhooks",
        webhook=webhook,
        secret=secret,
        rotated=rotated,
    )


def _types(visit: Visit) -> list[str]:
    given = visit.parameters
    ticked = [each for each in OFFERED if given.get(each) == "on"]
    written = given.get("types").replace(",", " ").split()
    return list(dict.fromkeys([*ticked, *written]))[:200]


def _form(visit: Visit, who: Session, refused: Refused) -> HTTPResponse:
    return page("account/webhook_new", webhook=None, **_given(visit, who, refused))


def _edit(
    visit: Visit, who: Session, refused: Refused, webhook: pb.OwnWebhook
) -> HTTPResponse:
    """The form with what was given, or at first with what the webhook is."""
    values = _given(visit, who, refused)
    if not refused.detail:
        values |= {
            "url": webhook.url,
            "description": webhook.description,
            "types": " ".join(each for each in webhook.types if each not in OFFERED),
            "ticked": [*webhook.types, *webhook.include],
        }
    return page("account/webhook_new", webhook=webhook, **values)


def _given(visit: Visit, who: Session, refused: Refused) -> dict[str, Any]:
    """What was given, with its faults."""
    given = visit.parameters
    faults = {
        each.field.removeprefix("webhook.").partition("[")[0]: each.message
        for each in refused.faults
    }
    return {
        "status": refused.status,
        "who": who,
        "here": "webhooks",
        "offered": OFFERED,
        "refused": refused,
        "faults": faults,
        "url": given.get("url")[:_MOST],
        "description": given.get("description")[:_MOST],
        "types": given.get("types")[:_MOST],
        "ticked": [n for n in (*OFFERED, *PARTS) if given.get(n) == "on"],
    }
