"""Usage: the requests of the last 30 days, by day, operation and token."""

from prospectconnect.iam.v1 import usage_pb2 as pb
from prospectconnect.iam.v1.sessions_pb2 import Session
from sanic import HTTPResponse

from edge.account.plot import PARTS, plot_of, total
from edge.account.user import ask
from edge.state import Edge
from edge.web.render import page
from edge.web.visit import Visit


async def show(edge: Edge, visit: Visit, who: Session) -> HTTPResponse:
    """Shows the page."""
    usage = await ask(edge, visit, pb.GetUsageRequest())
    sums = pb.Outcomes()
    for kind, _ in PARTS:
        every = (getattr(each.outcomes, kind) for each in usage.days)
        setattr(sums, kind, sum(every))
    return page(
        "account/usage",
        who=who,
        here="usage",
        usage=usage,
        plot=plot_of(usage.days),
        sums=sums,
        total=total,
        parts=PARTS,
        routes=routes_by_operation(edge),
    )


def routes_by_operation(edge: Edge) -> dict[str, tuple[str, str]]:
    """The HTTP method and path of each operation that this edge serves, by its name."""
    return {
        each.name: (each.route.http_method, each.route.path) for each in edge.operations
    }
