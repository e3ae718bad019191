"""The form that makes a webhook, and the page with its secret."""

from types import MappingProxyType

from prospectconnect.events.v1 import own_webhooks_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.records.refused import Refused, send
from edge.account.user import ask
from edge.state import Edge
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
    given = visit.parameters
    faults = {
        each.field.removeprefix("webhook.").partition("[")[0]: each.message
        for each in refused.faults
    }
    return page(
        "account/webhook_new",
        status=refused.status,
        who=who,
        here="webhooks",
        offered=OFFERED,
        refused=refused,
        faults=faults,
        url=given.get("url")[:_MOST],
        description=given.get("description")[:_MOST],
        types=given.get("types")[:_MOST],
        ticked=[n for n in (*OFFERED, *PARTS) if given.get(n) == "on"],
    )
