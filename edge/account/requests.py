"""Recent requests: failed ones and a sample of the others, found by trace id."""

from prospectconnect.iam.v1 import usage_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.usage import routes_by_operation
from edge.account.user import ask
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit

# The number of requests that are shown without `all=1`.
FIRST = 100

_MOST_TRACE = 64


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the requests that the query selects.

    Its parameters are `trace_id`, `failed=1`, `limited=1` and `all=1`.
    """
    given = visit.parameters
    trace_id = given.get("trace_id").strip()[:_MOST_TRACE]
    failed, limited = (given.get(name) == "1" for name in ("failed", "limited"))
    request = pb.SearchRequestsRequest(
        trace_id=trace_id, failed=failed, limited=limited
    )
    found = await ask(edge, visit, request)
    shown = found.requests if given.get("all") == "1" else found.requests[:FIRST]
    return page(
        "account/requests",
        who=who,
        here="requests",
        whole_tenant=found.whole_tenant,
        requests=shown,
        more=len(found.requests) - len(shown),
        trace_id=trace_id,
        failed=failed,
        limited=limited,
        routes=routes_by_operation(edge),
    )
