"""The first page of an account: the user, and the state of their tokens and apps."""

import asyncio

from prospectconnect.iam.v1 import grants_pb2, own_apps_pb2, tokens_pb2, usage_pb2
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.usage import routes_by_operation
from edge.account.user import ask
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

# The number of failed requests on the page.
LATEST = 5


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the page."""
    tokens, granted, own, usage, failed = await asyncio.gather(
        ask(edge, visit, tokens_pb2.ListTokensRequest()),
        ask(edge, visit, grants_pb2.ListGrantedAppsRequest()),
        ask(edge, visit, own_apps_pb2.ListOwnAppsRequest()),
        ask(edge, visit, usage_pb2.GetUsageRequest()),
        ask(edge, visit, usage_pb2.SearchRequestsRequest(failed=True)),
    )
    return page(
        "account/overview",
        who=who,
        here="account",
        tokens=len(tokens.tokens),
        granted=len(granted.apps),
        own=len(own.apps),
        usage=usage,
        failed=failed.requests[:LATEST],
        routes=routes_by_operation(edge),
        today=usage.days[-1].outcomes,
    )
