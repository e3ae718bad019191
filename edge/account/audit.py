"""Audit: who did what to the account, for owners and admins."""

from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.records.refused import send
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

_MOST_EVENT = 64

# What the form offers; any other event can be typed.
EVENTS = (
    *("logged_in", "login_refused", "granted", "app_revoked_by_user"),
    *("token_created", "token_revoked", "user_created", "user_deactivated"),
    *("object_created", "field_created", "field_changed", "field_archived"),
    *("records_merged", "records_unmerged", "contact_erased", "refused"),
)


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists entries; the query may have an `event` and a `cursor`."""
    event = visit.parameters.get("event").strip()[:_MOST_EVENT]
    cursor = visit.parameters.get("cursor")
    request = pb.ListOwnAuditRequest(event=event, cursor=cursor)
    found, refused = await send(edge, visit, request)
    return page(
        "account/audit",
        status=refused.status,
        who=who,
        here="audit",
        found=found,
        refused=refused,
        event=event,
        events=EVENTS,
        cursor=cursor,
    )
