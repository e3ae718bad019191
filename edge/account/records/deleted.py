"""Deleted records: the list of one type, from where each leads to its history."""

from prospectconnect.crm.v1 import own_records_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.user import ask
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

_FIRST = "contacts"
_MOST = 64


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Lists deleted records; the query may have `resource` and a `cursor`."""
    given = visit.parameters
    resource, cursor = given.get("resource")[:_MOST] or _FIRST, given.get("cursor")
    request = pb.ListOwnDeletedRequest(resource=resource, cursor=cursor)
    return page(
        "records/deleted",
        who=who,
        here="history",
        resource=resource,
        found=await ask(edge, visit, request),
        cursor=cursor,
    )
